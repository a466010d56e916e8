package org.reshelf.opensearch.client;

import java.util.List;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;

/** One consistent reading of {@link ClientSettings}. */
public record ClientConfig(
    List<Target> targets,
    TimeValue deadline,
    int maxInFlight,
    int maxMessageBytes,
    int breakerFailures,
    TimeValue breakerCooldown,
    TimeValue healthInterval,
    TimeValue dnsInterval,
    TlsConfig tls) {

  public static ClientConfig read(Settings settings) {
    return new ClientConfig(
        ClientSettings.TARGETS.get(settings).stream().map(Target::parse).toList(),
        ClientSettings.DEADLINE.get(settings),
        ClientSettings.MAX_IN_FLIGHT.get(settings),
        Math.toIntExact(ClientSettings.MAX_MESSAGE_SIZE.get(settings).getBytes()),
        ClientSettings.BREAKER_FAILURES.get(settings),
        ClientSettings.BREAKER_COOLDOWN.get(settings),
        ClientSettings.HEALTH_INTERVAL.get(settings),
        ClientSettings.DNS_INTERVAL.get(settings),
        new TlsConfig(
            ClientSettings.TLS_ENABLED.get(settings),
            ClientSettings.TLS_CA_FILE.get(settings),
            ClientSettings.TLS_CERT_FILE.get(settings),
            ClientSettings.TLS_KEY_FILE.get(settings),
            ClientSettings.TLS_SERVER_NAME.get(settings)));
  }

  /** A sidecar must show itself alive within this time, whatever the deadline of searches is. */
  TimeValue probeTimeout() {
    return TimeValue.timeValueMillis(Math.max(1_000, deadline.millis()));
  }
}
