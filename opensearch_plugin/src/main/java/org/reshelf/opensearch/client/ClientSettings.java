package org.reshelf.opensearch.client;

import static org.opensearch.common.settings.Setting.Property.Dynamic;
import static org.opensearch.common.settings.Setting.Property.NodeScope;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.opensearch.common.settings.SecureSetting;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.common.settings.SecureString;
import org.opensearch.core.common.unit.ByteSizeUnit;
import org.opensearch.core.common.unit.ByteSizeValue;

/**
 * The settings of the sidecar client. All but the secrets are dynamic.
 *
 * <p>Whatever can be wrong with a value is found here, so that the update is refused with 400. A
 * consumer of the settings must never throw: the cluster manager would then refuse every later
 * update.
 */
public final class ClientSettings {

  static final int MAX_TARGETS = 64;

  /** Where the sidecars listen. Empty: nothing is reranked. */
  public static final Setting<List<String>> TARGETS =
      Setting.listSetting(
          "reshelf.targets",
          List.of(),
          Function.identity(),
          ClientSettings::checkTargets,
          NodeScope,
          Dynamic);

  /** The most time one search gives its sidecar. */
  public static final Setting<TimeValue> DEADLINE =
      Setting.timeSetting(
          "reshelf.deadline",
          TimeValue.timeValueMillis(200),
          TimeValue.timeValueMillis(1),
          TimeValue.timeValueSeconds(60),
          NodeScope,
          Dynamic);

  /**
   * The most calls in flight from one node; searches beyond it are answered in OpenSearch's order.
   */
  public static final Setting<Integer> MAX_IN_FLIGHT =
      Setting.intSetting("reshelf.max_in_flight", 128, 1, 10_000, NodeScope, Dynamic);

  /**
   * The largest message in either direction. A larger question is not asked, a larger answer not
   * read.
   */
  public static final Setting<ByteSizeValue> MAX_MESSAGE_SIZE =
      Setting.byteSizeSetting(
          "reshelf.max_message_size",
          new ByteSizeValue(8, ByteSizeUnit.MB),
          new ByteSizeValue(64, ByteSizeUnit.KB),
          new ByteSizeValue(256, ByteSizeUnit.MB),
          NodeScope,
          Dynamic);

  /** After this many failures in a row a target is left alone. */
  public static final Setting<Integer> BREAKER_FAILURES =
      Setting.intSetting("reshelf.breaker.failures", 5, 1, 1_000, NodeScope, Dynamic);

  /** The time between two attempts to reach a target that is left alone. */
  public static final Setting<TimeValue> BREAKER_COOLDOWN =
      Setting.timeSetting(
          "reshelf.breaker.cooldown",
          TimeValue.timeValueSeconds(1),
          TimeValue.timeValueMillis(100),
          TimeValue.timeValueHours(1),
          NodeScope,
          Dynamic);

  /** The time between two health checks of a target that works. */
  public static final Setting<TimeValue> HEALTH_INTERVAL =
      Setting.timeSetting(
          "reshelf.health.interval",
          TimeValue.timeValueSeconds(2),
          TimeValue.timeValueMillis(100),
          TimeValue.timeValueHours(1),
          NodeScope,
          Dynamic);

  /** The time between two look-ups of the targets that are DNS names. */
  public static final Setting<TimeValue> DNS_INTERVAL =
      Setting.timeSetting(
          "reshelf.dns.interval",
          TimeValue.timeValueSeconds(30),
          TimeValue.timeValueSeconds(1),
          TimeValue.timeValueHours(24),
          NodeScope,
          Dynamic);

  public static final Setting<Boolean> TLS_ENABLED =
      Setting.boolSetting("reshelf.tls.enabled", false, NodeScope, Dynamic);

  /**
   * PEM certificates that a sidecar's certificate must lead to. Empty: those that the JDK trusts.
   */
  public static final Setting<String> TLS_CA_FILE =
      Setting.simpleString(
          "reshelf.tls.ca_file", "", fileCheck("reshelf.tls.ca_file"), NodeScope, Dynamic);

  /** The node's own PEM certificate chain, for mutual TLS. */
  public static final Setting<String> TLS_CERT_FILE =
      Setting.simpleString(
          "reshelf.tls.cert_file",
          "",
          new Together(
              "reshelf.tls.cert_file", "reshelf.tls.key_file", () -> ClientSettings.TLS_KEY_FILE),
          NodeScope,
          Dynamic);

  /**
   * The PKCS#8 PEM key to that certificate; encrypted if {@link #TLS_KEY_PASSWORD} is in the
   * keystore.
   */
  public static final Setting<String> TLS_KEY_FILE =
      Setting.simpleString(
          "reshelf.tls.key_file",
          "",
          new Together(
              "reshelf.tls.key_file", "reshelf.tls.cert_file", () -> ClientSettings.TLS_CERT_FILE),
          NodeScope,
          Dynamic);

  /** The name that the sidecars' certificates carry. Empty: the host of the target. */
  public static final Setting<String> TLS_SERVER_NAME =
      Setting.simpleString(
          "reshelf.tls.server_name", "", ClientSettings::checkServerName, NodeScope, Dynamic);

  public static final Setting<SecureString> TLS_KEY_PASSWORD =
      SecureSetting.secureString("reshelf.tls.key_password", null);

  /** Sent as {@code authorization: Bearer …}, and only over TLS. */
  public static final Setting<SecureString> TOKEN =
      SecureSetting.secureString("reshelf.token", null);

  private ClientSettings() {}

  /** Everything that decides how the client behaves while the node runs. */
  public static List<Setting<?>> dynamic() {
    return List.of(
        TARGETS,
        DEADLINE,
        MAX_IN_FLIGHT,
        MAX_MESSAGE_SIZE,
        BREAKER_FAILURES,
        BREAKER_COOLDOWN,
        HEALTH_INTERVAL,
        DNS_INTERVAL,
        TLS_ENABLED,
        TLS_CA_FILE,
        TLS_CERT_FILE,
        TLS_KEY_FILE,
        TLS_SERVER_NAME);
  }

  /** Kept in the node's keystore; read again by {@code POST _nodes/reload_secure_settings}. */
  public static List<Setting<?>> secure() {
    return List.of(TLS_KEY_PASSWORD, TOKEN);
  }

  private static void checkTargets(List<String> targets) {
    if (targets.size() > MAX_TARGETS) {
      throw new IllegalArgumentException(
          "[reshelf.targets] names "
              + targets.size()
              + " targets; at most "
              + MAX_TARGETS
              + " are allowed: put them behind one DNS name");
    }
    Set<Target> seen = new HashSet<>();
    for (String text : targets) {
      Target target;
      try {
        target = Target.parse(text);
      } catch (IllegalArgumentException wrong) {
        throw new IllegalArgumentException("[reshelf.targets]: " + wrong.getMessage(), wrong);
      }
      if (seen.add(target) == false) {
        throw new IllegalArgumentException(
            "[reshelf.targets] names [" + text + "] twice: write it once");
      }
    }
  }

  private static Setting.Validator<String> fileCheck(String key) {
    return value -> checkFile(key, value);
  }

  private static void checkFile(String key, String value) {
    if (value.isEmpty()) {
      return;
    }
    boolean leavesFolder = List.of(value.split("[/\\\\]", -1)).contains("..");
    if (value.startsWith("/")
        || value.startsWith("\\")
        || value.matches("[A-Za-z]:.*")
        || value.indexOf('\0') >= 0
        || leavesFolder) {
      throw new IllegalArgumentException(
          "["
              + key
              + "] is ["
              + value
              + "]: name a file under the node's config "
              + "directory by its path from there, for example [reshelf/ca.pem], without [..]");
    }
  }

  private static void checkServerName(String value) {
    if (value.isEmpty() == false && value.matches("[A-Za-z0-9._-]+") == false) {
      throw new IllegalArgumentException(
          "[reshelf.tls.server_name] is ["
              + value
              + "]: write the host name in the sidecar's certificate, without a scheme or a port");
    }
  }

  /** A file setting that makes sense only beside another one. */
  private record Together(String key, String otherKey, Supplier<Setting<String>> other)
      implements Setting.Validator<String> {

    @Override
    public void validate(String value) {
      checkFile(key, value);
    }

    @Override
    public void validate(String value, Map<Setting<?>, Object> settings) {
      String otherValue = (String) settings.get(other.get());
      if (value.isEmpty() == false && (otherValue == null || otherValue.isEmpty())) {
        throw new IllegalArgumentException(
            "["
                + key
                + "] is set and ["
                + otherKey
                + "] is not: mutual TLS needs both, set them in one update");
      }
    }

    @Override
    public Iterator<Setting<?>> settings() {
      return List.<Setting<?>>of(other.get()).iterator();
    }
  }
}
