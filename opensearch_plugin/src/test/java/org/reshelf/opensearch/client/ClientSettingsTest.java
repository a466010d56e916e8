package org.reshelf.opensearch.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opensearch.common.settings.ClusterSettings;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;

class ClientSettingsTest {

  private final ClusterSettings settings = new ClusterSettings(Settings.EMPTY, registered());

  private static Set<Setting<?>> registered() {
    Set<Setting<?>> all = new HashSet<>(ClientSettings.dynamic());
    all.addAll(ClientSettings.secure());
    return all;
  }

  /** Key, refused value, and what the refusal must say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reshelf.targets | localhost | write host:port",
        "reshelf.targets | localhost: | write host:port",
        "reshelf.targets | localhost:0 | between 1 and 65535",
        "reshelf.targets | localhost:70000 | between 1 and 65535",
        "reshelf.targets | http://localhost:50051 | without a scheme",
        "reshelf.targets | ::1:50051 | write host:port",
        "reshelf.targets | a b:1 | write host:port",
        "reshelf.targets | a:1,a:1 | twice",
        "reshelf.targets | '' | write host:port",
        "reshelf.deadline | 0ms | must be >= [1ms]",
        "reshelf.deadline | 61s | must be <= [60s]",
        "reshelf.deadline | soon | unit is missing",
        "reshelf.deadline | 200 | unit is missing",
        "reshelf.max_in_flight | 0 | must be >= 1",
        "reshelf.max_in_flight | 10001 | must be <= 10000",
        "reshelf.max_in_flight | many | reshelf.max_in_flight",
        "reshelf.max_message_size | 1kb | must be >= [64kb]",
        "reshelf.max_message_size | 3gb | must be <= [256mb]",
        "reshelf.breaker.failures | 0 | must be >= 1",
        "reshelf.breaker.cooldown | 10ms | must be >= [100ms]",
        "reshelf.health.interval | 0s | must be >= [100ms]",
        "reshelf.dns.interval | 500ms | must be >= [1s]",
        "reshelf.tls.enabled | maybe | [true] or [false]",
        "reshelf.tls.ca_file | /etc/ca.pem | under the node's config directory",
        "reshelf.tls.ca_file | ../ca.pem | without [..]",
        "reshelf.tls.ca_file | tls/../../ca.pem | without [..]",
        "reshelf.tls.ca_file | C:\\ca.pem | under the node's config directory",
        "reshelf.tls.cert_file | node.pem | [reshelf.tls.key_file] is not",
        "reshelf.tls.key_file | node.key | [reshelf.tls.cert_file] is not",
        "reshelf.tls.server_name | https://sidecar | without a scheme",
      })
  void refusesWithTheFix(String key, String value, String says) {
    Settings.Builder update = Settings.builder();
    if (key.equals("reshelf.targets")) {
      update.putList(key, List.of(value.split(",", -1)));
    } else {
      update.put(key, value);
    }
    // As the cluster manager does before it takes over an update.
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> settings.validate(update.build(), true));
    assertTrue(refused.getMessage().contains(says), refused.getMessage());
  }

  @Test
  void refusesMoreTargetsThanItWillServe() {
    List<String> many =
        java.util.stream.IntStream.rangeClosed(1, ClientSettings.MAX_TARGETS + 1)
            .mapToObj(number -> "sidecar-" + number + ":50051")
            .toList();
    Settings update = Settings.builder().putList("reshelf.targets", many).build();
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> settings.validate(update, true));
    assertTrue(
        refused.getMessage().contains("at most " + ClientSettings.MAX_TARGETS),
        refused.getMessage());
  }

  @Test
  void takesWhatIsRight() {
    settings.validate(
        Settings.builder()
            .putList("reshelf.targets", "127.0.0.1:50051", "[::1]:50051", "sidecar_1.example.org:1")
            .put("reshelf.tls.enabled", true)
            .put("reshelf.tls.ca_file", "tls/ca..pem")
            .put("reshelf.tls.cert_file", "tls/node.pem")
            .put("reshelf.tls.key_file", "tls/node.key")
            .put("reshelf.tls.server_name", "sidecar.example.org")
            .build(),
        true);
  }

  @Test
  void readsTheDefaults() {
    ClientConfig config = ClientConfig.read(Settings.EMPTY);
    assertEquals(List.of(), config.targets());
    assertEquals(TimeValue.timeValueMillis(200), config.deadline());
    assertEquals(128, config.maxInFlight());
    assertEquals(new TlsConfig(false, "", "", "", ""), config.tls());
  }

  @Test
  void oneConsumerSeesEveryChangeAndTheRestAsItWas() {
    AtomicReference<Settings> seen = new AtomicReference<>();
    settings.addSettingsUpdateConsumer(seen::set, ClientSettings.dynamic());
    settings.applySettings(Settings.builder().putList("reshelf.targets", "a:1", "[::1]:2").build());
    settings.applySettings(
        Settings.builder()
            .putList("reshelf.targets", "a:1", "[::1]:2")
            .put("reshelf.deadline", "50ms")
            .build());
    ClientConfig config = ClientConfig.read(seen.get());
    assertEquals(List.of(new Target("a", 1), new Target("::1", 2)), config.targets());
    assertEquals(TimeValue.timeValueMillis(50), config.deadline());
    assertEquals("[::1]:2", config.targets().get(1).toString());
  }

  @Test
  void secretsArePrintedNowhere() {
    assertEquals("Secrets[…]", new Secrets("secret", "token").toString());
  }
}
