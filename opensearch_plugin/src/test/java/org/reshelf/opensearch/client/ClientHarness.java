package org.reshelf.opensearch.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.threadpool.FixedExecutorBuilder;
import org.opensearch.threadpool.ThreadPool;
import org.reshelf.opensearch.stats.ReshelfStats;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.Candidate;
import org.reshelf.v1.Query;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

/** A started client with OpenSearch's own thread pool, as a node has it. */
final class ClientHarness implements AutoCloseable {

  static final RerankRequest REQUEST =
      RerankRequest.newBuilder()
          .setQuery(Query.newBuilder().setText("red shoe"))
          .addCandidates(Candidate.newBuilder().setId("a").setRank(1))
          .addCandidates(Candidate.newBuilder().setId("b").setRank(2))
          .build();

  final ThreadPool threadPool;
  final GrpcRerankClient client;
  final ReshelfStats stats = new ReshelfStats();

  ClientHarness(Settings settings) {
    this(settings, new Secrets("", ""), Path.of("."));
  }

  ClientHarness(Settings settings, Secrets secrets, Path configFolder) {
    Settings node = Settings.builder().put("node.name", "test").put(settings).build();
    threadPool =
        new ThreadPool(
            node,
            new FixedExecutorBuilder(node, GrpcRerankClient.POOL, 2, 100, "reshelf.thread_pool"));
    client = new GrpcRerankClient(node, secrets, configFolder, threadPool, stats);
    client.start();
  }

  /** Quick ones, so that the tests are quick. */
  static Settings.Builder settings(FakeSidecar... sidecars) {
    return Settings.builder()
        .putList("reshelf.targets", List.of(sidecars).stream().map(FakeSidecar::target).toList())
        .put("reshelf.deadline", "150ms")
        .put("reshelf.breaker.failures", 3)
        .put("reshelf.breaker.cooldown", "100ms")
        .put("reshelf.health.interval", "1h");
  }

  ClientHarness warm() {
    eventually("the sidecars are warm", client::available);
    return this;
  }

  CompletableFuture<RerankResponse> send(TimeValue deadline) {
    return send(REQUEST, deadline);
  }

  private CompletableFuture<RerankResponse> send(RerankRequest request, TimeValue deadline) {
    CompletableFuture<RerankResponse> answer = new CompletableFuture<>();
    AtomicInteger calls = new AtomicInteger();
    client.rerank(
        request,
        deadline,
        new ActionListener<>() {
          @Override
          public void onResponse(RerankResponse response) {
            once();
            answer.complete(response);
          }

          @Override
          public void onFailure(Exception failure) {
            once();
            answer.completeExceptionally(failure);
          }

          private void once() {
            assertEquals(1, calls.incrementAndGet(), "a listener is called exactly once");
          }
        });
    return answer;
  }

  RerankResponse answer(RerankRequest request) throws Exception {
    return send(request, TimeValue.timeValueSeconds(5)).get(10, TimeUnit.SECONDS);
  }

  RerankResponse answer() throws Exception {
    return send(TimeValue.timeValueSeconds(5)).get(10, TimeUnit.SECONDS);
  }

  StepAside failure() throws InterruptedException, TimeoutException {
    return failure(TimeValue.timeValueSeconds(5));
  }

  StepAside failure(TimeValue deadline) throws InterruptedException, TimeoutException {
    try {
      RerankResponse response = send(deadline).get(10, TimeUnit.SECONDS);
      throw new AssertionError("it was answered: " + response);
    } catch (ExecutionException failed) {
      assertTrue(
          failed.getCause() instanceof RerankFailure,
          () -> "not a RerankFailure: " + failed.getCause());
      return ((RerankFailure) failed.getCause()).reason();
    }
  }

  static void eventually(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (condition.getAsBoolean() == false) {
      assertTrue(System.nanoTime() < end, "never: " + what);
      try {
        Thread.sleep(5);
      } catch (InterruptedException interrupted) {
        throw new AssertionError(interrupted);
      }
    }
  }

  @Override
  public void close() {
    client.close();
    ThreadPool.terminate(threadPool, 5, TimeUnit.SECONDS);
  }
}
