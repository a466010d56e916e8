package org.reshelf.opensearch.client;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.common.unit.TimeValue;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

/**
 * Finds out how one sidecar is, without shoppers.
 *
 * <p>While the breaker is closed a health check runs now and then, and when the connection is lost,
 * so that a sidecar that dies, hangs or drains is known before a search meets it. While it is not
 * closed, each probe is a health check and some tiny calls over a fresh channel; when all succeed,
 * the sidecar is warm and searches may come.
 */
final class Probes {

  private static final Logger logger = LogManager.getLogger(Probes.class);

  /** Health checks of a working sidecar that may time out in a row: one may meet a pause. */
  private static final int MISSED_CHECKS = 2;

  /** The very first calls load classes on both sides. */
  private static final long FIRST_PROBE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Endpoint endpoint;
  private final Breaker breaker;
  private final Dialect dialect;
  private final Supplier<ClientConfig> config;
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile long next = System.nanoTime();

  /** Searches opened the breaker: until then not even a probe is sent. */
  private volatile long restUntil = System.nanoTime();

  // Only one probe runs at a time; successive ones run on different threads.
  private volatile int missedChecks;

  Probes(Endpoint endpoint, Breaker breaker, Dialect dialect, Supplier<ClientConfig> config) {
    this.endpoint = endpoint;
    this.breaker = breaker;
    this.dialect = dialect;
    this.config = config;
  }

  /** Leaves the sidecar alone for so long; a probe that is under way does not shorten it. */
  void rest(TimeValue pause) {
    restUntil = System.nanoTime() + pause.nanos();
    next = restUntil;
  }

  private boolean resting(long now) {
    return now - restUntil < 0;
  }

  /** Starts a probe when one is due and none is running. */
  void tick(long now) {
    if (now - next >= 0 && resting(now) == false && running.compareAndSet(false, true)) {
      try {
        check();
      } catch (RuntimeException defect) {
        logger.error("defect in the probe of sidecar " + endpoint.address(), defect);
        failed(StepAside.INTERNAL_ERROR, defect.toString());
      }
    }
  }

  private void check() {
    Connection connection = endpoint.connection();
    connection.check(
        timeoutNanos(),
        new Unary<HealthCheckResponse>() {
          @Override
          void done(HealthCheckResponse response) {
            connection.worked();
            if (response.getStatus() == ServingStatus.SERVING) {
              healthy(connection);
            } else {
              Probes.this.failed(StepAside.NOT_READY, "health says " + response.getStatus());
            }
          }

          @Override
          void failed(Status status) {
            if (status.getCode() == Status.Code.UNIMPLEMENTED) {
              // A sidecar without the health service: the warm-up calls will tell.
              connection.worked();
              healthy(connection);
            } else if (status.getCode() == Status.Code.DEADLINE_EXCEEDED
                && breaker.closed()
                && ++missedChecks < MISSED_CHECKS) {
              ended(config.get().healthInterval());
            } else {
              Probes.this.failed(connection, status);
            }
          }
        });
  }

  private void healthy(Connection connection) {
    missedChecks = 0;
    if (breaker.closed()) {
      works(connection);
    } else if (resting(System.nanoTime())) {
      // The check began before searches opened the breaker: that it is answered proves nothing.
      ended(TimeValue.ZERO);
    } else {
      dialect.forget();
      warmUp(connection, 1);
    }
  }

  private void warmUp(Connection connection, int number) {
    RerankRequest said = dialect.say(WarmUp.REQUEST);
    connection.rerank(
        said,
        timeoutNanos(),
        new Unary<RerankResponse>() {
          @Override
          void done(RerankResponse response) {
            dialect.heard(said, response);
            if (number < WarmUp.CALLS) {
              warmUp(connection, number + 1);
              return;
            }
            if (breaker.close()) {
              logger.info("sidecar {}: warm, taking searches", endpoint.address());
            }
            works(connection);
          }

          @Override
          void failed(Status status) {
            Probes.this.failed(connection, status);
          }
        });
  }

  private void works(Connection connection) {
    ended(config.get().healthInterval());
    // After `ended`, which would overwrite it: a connection lost meanwhile is probed at once.
    connection.whenLost(this::probeAtOnce);
  }

  /** What is there next is another process: it has not earned the rest. */
  private void probeAtOnce() {
    restUntil = System.nanoTime();
    next = restUntil;
  }

  private void failed(Connection connection, Status status) {
    String description = status.getDescription();
    Throwable cause = status.getCause();
    failed(
        FailureReasons.of(status, connection.untriedTls()),
        status.getCode()
            + (description == null ? "" : ": " + description)
            + (cause == null ? "" : ", " + cause.getMessage()));
  }

  private void failed(StepAside reason, String detail) {
    boolean first = breaker.state() == Breaker.State.WARMING;
    if (breaker.trip(reason) || first) {
      logger.warn("sidecar {}: left alone, {} ({})", endpoint.address(), reason.key(), detail);
    }
    missedChecks = 0;
    endpoint.reconnect();
    ended(config.get().breakerCooldown());
  }

  private void ended(TimeValue pause) {
    next = System.nanoTime() + pause.nanos();
    running.set(false);
  }

  private long timeoutNanos() {
    long usual = config.get().probeTimeout().nanos();
    return breaker.state() == Breaker.State.WARMING ? Math.max(FIRST_PROBE_NANOS, usual) : usual;
  }
}
