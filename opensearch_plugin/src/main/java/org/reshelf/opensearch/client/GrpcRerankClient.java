package org.reshelf.opensearch.client;

import io.grpc.Status;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.support.ContextPreservingActionListener;
import org.opensearch.common.lifecycle.AbstractLifecycleComponent;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.AbstractRunnable;
import org.opensearch.core.action.ActionListener;
import org.opensearch.threadpool.ThreadPool;
import org.reshelf.opensearch.stats.ReshelfStats;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

/** The client that speaks gRPC with the sidecars of the settings. One per node. */
public final class GrpcRerankClient extends AbstractLifecycleComponent implements RerankClient {

  /** The name of the pool that searches are continued on. */
  public static final String POOL = "reshelf";

  private static final Logger logger = LogManager.getLogger(GrpcRerankClient.class);

  /** A search is tried on a second sidecar only while this share of its time is left. */
  private static final long SECOND_TRY_DIVISOR = 4;

  private final ThreadPool threadPool;
  private final ReshelfStats stats;
  private final ClientThreads threads = new ClientThreads();
  private final Sidecars sidecars;
  private final AtomicInteger inFlight = new AtomicInteger();

  /**
   * @param configFolder the node's config directory, where TLS files lie
   */
  public GrpcRerankClient(
      Settings settings,
      Secrets secrets,
      Path configFolder,
      ThreadPool threadPool,
      ReshelfStats stats) {
    this.threadPool = threadPool;
    this.stats = stats;
    this.sidecars = new Sidecars(ClientConfig.read(settings), secrets, configFolder, threads);
  }

  /** Takes over changed settings; never throws, for a consumer of settings must not. */
  public void apply(Settings settings) {
    try {
      sidecars.apply(ClientConfig.read(settings));
    } catch (RuntimeException defect) {
      logger.error("changed settings could not be read; the client stays as it was", defect);
    }
  }

  public void apply(Secrets secrets) {
    sidecars.apply(secrets);
  }

  /** The time that a search gets where it names none. */
  public TimeValue deadline() {
    return sidecars.config().deadline();
  }

  @Override
  public boolean available() {
    return sidecars.anyUsable();
  }

  @Override
  public StepAside whyUnavailable() {
    return sidecars.anyOpen() ? StepAside.BREAKER_OPEN : StepAside.NO_TARGET;
  }

  @Override
  public void rerank(
      RerankRequest request, TimeValue deadline, ActionListener<RerankResponse> listener) {
    ClientConfig config = sidecars.config();
    Search search = new Search(request, config, deadline, listener);
    try {
      search.start();
    } catch (RuntimeException | LinkageError defect) {
      logger.error("defect in the sidecar client", defect);
      search.failed(StepAside.INTERNAL_ERROR, Status.INTERNAL.withCause(defect));
    }
  }

  /** How the client stands, for the stats. */
  public Map<String, Object> state() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("in_flight", inFlight.get());
    state.put("available", available());
    state.put("problem", sidecars.problem());
    state.put("targets", List.copyOf(sidecars.states().stream().map(TargetState::asMap).toList()));
    return state;
  }

  @Override
  protected void doStart() {
    sidecars.start();
  }

  @Override
  protected void doStop() {
    sidecars.close();
  }

  @Override
  protected void doClose() {
    sidecars.close();
    threads.close();
  }

  /** One search on its way. */
  private final class Search implements Endpoint.Outcome {

    private final RerankRequest request;
    private final ClientConfig config;
    private final ActionListener<RerankResponse> listener;
    private final AtomicBoolean delivered = new AtomicBoolean();
    private final long started = System.nanoTime();
    private final long deadlineNanos;
    private final boolean telling;
    private boolean counted;
    private Endpoint first;

    Search(
        RerankRequest request,
        ClientConfig config,
        TimeValue deadline,
        ActionListener<RerankResponse> listener) {
      this.request = request;
      this.config = config;
      this.listener =
          ContextPreservingActionListener.wrapPreservingContext(
              listener, threadPool.getThreadContext());
      this.deadlineNanos = Math.min(deadline.nanos(), config.deadline().nanos());
      this.telling = deadlineNanos >= config.deadline().nanos() / 2;
    }

    void start() {
      counted = true;
      if (inFlight.incrementAndGet() > config.maxInFlight()) {
        failed(
            StepAside.OVERLOADED,
            Status.RESOURCE_EXHAUSTED.withDescription("reshelf.max_in_flight"));
      } else if (request.getSerializedSize() > config.maxMessageBytes()) {
        failed(
            StepAside.REQUEST_TOO_LARGE,
            Status.RESOURCE_EXHAUSTED.withDescription("reshelf.max_message_size"));
      } else if (deadlineNanos <= 0) {
        failed(StepAside.DEADLINE, Status.DEADLINE_EXCEEDED.withDescription("no time was left"));
      } else {
        first = sidecars.pick(null);
        if (first == null) {
          failed(whyUnavailable(), Status.UNAVAILABLE.withDescription("no sidecar may be asked"));
        } else {
          first.call(request, deadlineNanos, telling, this);
        }
      }
    }

    @Override
    public void answered(RerankResponse response) {
      if (delivered.compareAndSet(false, true)) {
        stats.answered(System.nanoTime() - started);
        deliver(response, null);
      }
    }

    @Override
    public void failed(StepAside reason, Status status) {
      if (secondTry(reason)) {
        return;
      }
      if (delivered.compareAndSet(false, true)) {
        String description = status.getDescription();
        deliver(
            null,
            new RerankFailure(
                reason,
                description == null ? status.getCode().name() : description,
                status.getCause()));
      }
    }

    /** A sidecar that could not be reached has not seen the search: another one may. */
    private boolean secondTry(StepAside reason) {
      if (first == null || (reason != StepAside.UNAVAILABLE && reason != StepAside.TLS)) {
        return false;
      }
      long left = deadlineNanos - (System.nanoTime() - started);
      Endpoint other = left > deadlineNanos / SECOND_TRY_DIVISOR ? sidecars.pick(first) : null;
      first = null;
      if (other == null) {
        return false;
      }
      other.call(request, left, telling, this);
      return true;
    }

    private void deliver(RerankResponse response, RerankFailure failure) {
      if (counted) {
        inFlight.decrementAndGet();
      }
      threadPool
          .executor(POOL)
          .execute(
              new AbstractRunnable() {
                @Override
                protected void doRun() {
                  if (failure == null) {
                    listener.onResponse(response);
                  } else {
                    listener.onFailure(failure);
                  }
                }

                @Override
                public boolean isForceExecution() {
                  // The calls in flight are bounded already; an answer that is here is not thrown
                  // away.
                  return true;
                }

                @Override
                public void onRejection(Exception stopping) {
                  // The pool is shut down with the node; the search still ends.
                  run();
                }

                @Override
                public void onFailure(Exception defect) {
                  logger.error("the continuation of a search failed", defect);
                }
              });
    }
  }
}
