package org.reshelf.opensearch.client;

import io.grpc.Status;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

/** One sidecar: its channel, its breaker, and the probes that keep both true. */
final class Endpoint {

  private static final Logger logger = LogManager.getLogger(Endpoint.class);

  private final Address address;
  private final Connection.Spec spec;
  private final Supplier<ClientConfig> config;
  private final Connections connections;
  private final Breaker breaker = new Breaker();
  private final Dialect dialect = new Dialect();
  private final Probes probes;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder calls = new LongAdder();
  private final LongAdder failedCalls = new LongAdder();
  private volatile Connection connection;
  private volatile boolean retired;

  Endpoint(
      Address address,
      Connection.Spec spec,
      Supplier<ClientConfig> config,
      Connections connections) {
    this.address = address;
    this.spec = spec;
    this.config = config;
    this.connections = connections;
    this.connection = connect();
    this.probes = new Probes(this, breaker, dialect, config);
  }

  Address address() {
    return address;
  }

  boolean matches(Address otherAddress, Connection.Spec otherSpec) {
    return address.equals(otherAddress) && spec.equals(otherSpec);
  }

  boolean usable() {
    return breaker.closed();
  }

  boolean isOpen() {
    return breaker.state() == Breaker.State.OPEN;
  }

  int inFlight() {
    return inFlight.get();
  }

  /**
   * What becomes of a call: exactly one of the two is called, on a thread that must not be held up.
   */
  interface Outcome {
    void answered(RerankResponse response);

    void failed(StepAside reason, Status status);
  }

  /**
   * Sends one search.
   *
   * @param telling whether a missed deadline says something about the sidecar; false where the
   *     caller gave less time than sidecars are configured to get
   */
  void call(RerankRequest request, long deadlineNanos, boolean telling, Outcome outcome) {
    inFlight.incrementAndGet();
    calls.increment();
    Connection used = connection;
    RerankRequest said = dialect.say(request);
    Unary<RerankResponse> answer =
        new Unary<>() {
          @Override
          void done(RerankResponse response) {
            inFlight.decrementAndGet();
            breaker.success();
            dialect.heard(said, response);
            outcome.answered(response);
          }

          @Override
          void failed(Status status) {
            inFlight.decrementAndGet();
            failedCalls.increment();
            StepAside reason = FailureReasons.of(status, used.untriedTls());
            if (FailureReasons.blamesTarget(status) && (telling || reason != StepAside.DEADLINE)) {
              blame(reason);
            }
            outcome.failed(reason, status);
          }
        };
    try {
      used.rerank(said, deadlineNanos, answer);
    } catch (RuntimeException defect) {
      answer.onError(Status.INTERNAL.withCause(defect).asRuntimeException());
    }
  }

  private void blame(StepAside reason) {
    int limit = config.get().breakerFailures();
    if (breaker.failure(reason, limit)) {
      logger.warn(
          "sidecar {}: left alone after {} failures in a row ({})", address, limit, reason.key());
      probes.rest(config.get().breakerCooldown());
    }
  }

  /** Called by the timer every now and then; starts a probe when one is due. */
  void tick(long now) {
    if (retired == false) {
      probes.tick(now);
    }
  }

  Connection connection() {
    return connection;
  }

  /** Replaces the channel; what is in flight on the old one may end. */
  void reconnect() {
    if (retired == false) {
      Connection old = connection;
      connection = connect();
      old.close(graceMillis());
    }
    if (retired) {
      connection.close(graceMillis());
    }
  }

  /** Takes no new calls; those in flight may end. */
  void retire() {
    retired = true;
    connection.close(graceMillis());
  }

  private long graceMillis() {
    return config.get().probeTimeout().millis() + 500;
  }

  private Connection connect() {
    int connectMillis = Math.toIntExact(config.get().probeTimeout().millis());
    return connections.open(address, spec, connectMillis);
  }

  TargetState state() {
    StepAside last = breaker.lastReason();
    return new TargetState(
        address.toString(),
        breaker.state().name().toLowerCase(Locale.ROOT),
        breaker.failures(),
        breaker.opened(),
        last == null ? "" : last.key(),
        inFlight.get(),
        calls.sum(),
        failedCalls.sum());
  }
}
