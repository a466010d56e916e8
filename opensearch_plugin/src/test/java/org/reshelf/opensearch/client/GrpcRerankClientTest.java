package org.reshelf.opensearch.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.action.ActionListener;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.CandidateColumns;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

@Timeout(60)
class GrpcRerankClientTest {

  private static final RerankRequest IN_COLUMNS =
      RerankRequest.newBuilder()
          .setColumns(CandidateColumns.newBuilder().addIds("a").addIds("b"))
          .build();

  @Test
  void columnsAreSentAndAnsweredInColumns() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm()) {
      RerankResponse answer = node.answer(IN_COLUMNS);
      assertEquals(List.of(2, 1), answer.getRanked().getRanksList());
      assertEquals(0, answer.getHitsCount());
    }
  }

  @Test
  void aSidecarThatKnowsNoColumnsIsSentRowsFromTheFirstSearchOn() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar()) {
      sidecar.warmUp = FakeSidecar::reverseRows;
      sidecar.behaviour = FakeSidecar::reverseRows;
      try (ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm()) {
        assertEquals("b", node.answer(IN_COLUMNS).getHits(0).getId());
      }
    }
  }

  @Test
  void aSidecarThatNoLongerKnowsColumnsMissesOneSearch() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm()) {
      sidecar.behaviour = FakeSidecar::reverseRows;
      assertEquals(0, node.answer(IN_COLUMNS).getHitsCount());
      assertEquals("b", node.answer(IN_COLUMNS).getHits(0).getId());
    }
  }

  @Test
  void answersOnItsOwnPoolInTheCallersContext() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm()) {
      assertEquals(
          WarmUp.CALLS, sidecar.warmUps.get(), "the first shopper does not pay for the first call");
      assertEquals(0, sidecar.searches.get());
      assertEquals("b", node.answer().getHits(0).getId());

      ThreadContext context = node.threadPool.getThreadContext();
      CompletableFuture<String> seen = new CompletableFuture<>();
      try (ThreadContext.StoredContext stored = context.stashContext()) {
        context.putHeader("who", "caller");
        node.client.rerank(
            ClientHarness.REQUEST,
            TimeValue.timeValueSeconds(1),
            ActionListener.wrap(
                response ->
                    seen.complete(
                        context.getHeader("who") + " on " + Thread.currentThread().getName()),
                seen::completeExceptionally));
      }
      String where = seen.get(10, TimeUnit.SECONDS);
      assertTrue(where.startsWith("caller on "), where);
      assertTrue(where.contains("[reshelf]"), where);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "INTERNAL, SIDECAR_ERROR",
    "UNKNOWN, SIDECAR_ERROR",
    "INVALID_ARGUMENT, SIDECAR_ERROR",
    "UNIMPLEMENTED, SIDECAR_ERROR",
    "RESOURCE_EXHAUSTED, OVERLOADED",
    "UNAVAILABLE, UNAVAILABLE",
    "DEADLINE_EXCEEDED, DEADLINE",
  })
  void tellsTheReasonOfAFailure(Status.Code code, StepAside reason) throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm()) {
      sidecar.behaviour = FakeSidecar.failing(code.toStatus());
      assertEquals(reason, node.failure());
    }
  }

  @Test
  void opensAfterTimeoutsAndThenCostsNothing() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm()) {
      sidecar.behaviour = FakeSidecar::hang;
      sidecar.silent = true;
      for (int i = 0; i < 3; i++) {
        long start = System.nanoTime();
        assertEquals(StepAside.DEADLINE, node.failure());
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(140));
      }
      assertFalse(node.client.available());
      assertEquals(StepAside.BREAKER_OPEN, node.client.whyUnavailable());
      long start = System.nanoTime();
      for (int i = 0; i < 1_000; i++) {
        assertFalse(node.client.available());
      }
      assertTrue(
          System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(100),
          "asking costs next to nothing");
      assertEquals(StepAside.BREAKER_OPEN, node.failure());
      assertEquals(3, sidecar.searches.get(), "no search is sent into an open breaker");

      sidecar.behaviour = FakeSidecar::reverse;
      sidecar.silent = false;
      node.warm();
      assertEquals("b", node.answer().getHits(0).getId());
    }
  }

  @Test
  void aCheckUnderWayDoesNotShortenTheRestOfASidecarThatFails() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node =
            new ClientHarness(
                    ClientHarness.settings(sidecar)
                        .put("reshelf.health.interval", "100ms")
                        .put("reshelf.breaker.cooldown", "1h")
                        .build())
                .warm()) {
      CompletableFuture<?> answered = new CompletableFuture<>();
      int before = sidecar.checks.get();
      sidecar.healthAfter = answered;
      ClientHarness.eventually("a check is under way", () -> sidecar.checks.get() > before);
      sidecar.behaviour = FakeSidecar.failing(Status.INTERNAL);
      for (int i = 0; i < 3; i++) {
        assertEquals(StepAside.SIDECAR_ERROR, node.failure());
      }
      answered.complete(null);
      int checks = sidecar.checks.get();
      Thread.sleep(500);
      assertEquals(StepAside.BREAKER_OPEN, node.failure());
      assertEquals(checks, sidecar.checks.get(), "nor is it asked again");
      assertEquals(WarmUp.CALLS, sidecar.warmUps.get());
    }
  }

  @Test
  void theRequestsOwnFaultsAndShortPatienceOpenNoBreaker() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm()) {
      sidecar.behaviour = FakeSidecar.failing(Status.INVALID_ARGUMENT);
      for (int i = 0; i < 10; i++) {
        node.failure();
      }
      sidecar.behaviour = FakeSidecar.failing(Status.RESOURCE_EXHAUSTED);
      for (int i = 0; i < 10; i++) {
        node.failure();
      }
      sidecar.behaviour = FakeSidecar::hang;
      for (int i = 0; i < 10; i++) {
        assertEquals(StepAside.DEADLINE, node.failure(TimeValue.timeValueMillis(5)));
      }
      assertTrue(node.client.available());
    }
  }

  @Test
  void comesBackAfterARestartOnTheSamePort() throws Exception {
    FakeSidecar first = new FakeSidecar();
    try (ClientHarness node = new ClientHarness(ClientHarness.settings(first).build()).warm()) {
      int port = first.port();
      first.close();
      ClientHarness.eventually(
          "the loss is seen without a search", () -> node.client.available() == false);
      assertEquals(StepAside.BREAKER_OPEN, node.failure());
      try (FakeSidecar second = new FakeSidecar(port)) {
        long start = System.nanoTime();
        node.warm();
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2));
        assertEquals("b", node.answer().getHits(0).getId());
        assertEquals(WarmUp.CALLS, second.warmUps.get());
      }
    }
  }

  @Test
  void noticesAHangAndADrainWithoutASearch() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node =
            new ClientHarness(
                    ClientHarness.settings(sidecar).put("reshelf.health.interval", "100ms").build())
                .warm()) {
      sidecar.health = ServingStatus.NOT_SERVING;
      ClientHarness.eventually("drained", () -> node.client.available() == false);
      sidecar.health = ServingStatus.SERVING;
      node.warm();
      sidecar.silent = true;
      ClientHarness.eventually("hung", () -> node.client.available() == false);
      sidecar.silent = false;
      node.warm();
      assertEquals(0, sidecar.searches.get());
    }
  }

  @Test
  void aSecondSidecarTakesWhatTheFirstCouldNot() throws Exception {
    try (FakeSidecar lost = new FakeSidecar();
        FakeSidecar kept = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(lost, kept).build()).warm()) {
      ClientHarness.eventually(
          "both are warm", () -> states(node).equals(List.of("closed", "closed")));
      for (int i = 0; i < 20; i++) {
        node.answer();
      }
      assertEquals(10, lost.searches.get());
      assertEquals(10, kept.searches.get());
      lost.behaviour = FakeSidecar.failing(Status.UNAVAILABLE);
      for (int i = 0; i < 20; i++) {
        node.answer();
      }
      assertTrue(lost.searches.get() >= 13, "its breaker opened after three");
    }
  }

  @Test
  void boundsTheCallsInFlight() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node =
            new ClientHarness(
                    ClientHarness.settings(sidecar)
                        .put("reshelf.max_in_flight", 2)
                        .put("reshelf.deadline", "2s")
                        .build())
                .warm()) {
      CountDownLatch go = new CountDownLatch(1);
      sidecar.behaviour =
          (request, observer) -> {
            try {
              go.await();
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
            FakeSidecar.reverse(request, observer);
          };
      List<CompletableFuture<RerankResponse>> held = new ArrayList<>();
      held.add(node.send(TimeValue.timeValueSeconds(2)));
      held.add(node.send(TimeValue.timeValueSeconds(2)));
      assertEquals(2, node.client.state().get("in_flight"));
      assertEquals(StepAside.OVERLOADED, node.failure());
      go.countDown();
      for (CompletableFuture<RerankResponse> each : held) {
        each.get(10, TimeUnit.SECONDS);
      }
      assertEquals(0, node.client.state().get("in_flight"));
      node.answer();
    }
  }

  @Test
  void doesNotAskMoreThanTheMessageSize() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node =
            new ClientHarness(
                    ClientHarness.settings(sidecar).put("reshelf.max_message_size", "64kb").build())
                .warm()) {
      CompletableFuture<StepAside> reason = new CompletableFuture<>();
      node.client.rerank(
          ClientHarness.REQUEST.toBuilder().setProfile("x".repeat(70_000)).build(),
          TimeValue.timeValueSeconds(1),
          ActionListener.wrap(
              response -> reason.completeExceptionally(new AssertionError(response)),
              failure -> reason.complete(((RerankFailure) failure).reason())));
      assertEquals(StepAside.REQUEST_TOO_LARGE, reason.get(10, TimeUnit.SECONDS));
      sidecar.behaviour =
          (request, observer) -> {
            observer.onNext(RerankResponse.newBuilder().setQueryId("x".repeat(70_000)).build());
            observer.onCompleted();
          };
      assertEquals(
          StepAside.OVERLOADED, node.failure(), "gRPC calls a message that is too large exhausted");
      assertEquals(1, sidecar.searches.get());
    }
  }

  @Test
  void changesItsTargetsWithoutLosingASearch() throws Exception {
    try (FakeSidecar old = new FakeSidecar();
        FakeSidecar next = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(old).build()).warm()) {
      for (int round = 0; round < 6; round++) {
        FakeSidecar wanted = round % 2 == 0 ? next : old;
        node.client.apply(ClientHarness.settings(wanted).build());
        int before = wanted.searches.get();
        ClientHarness.eventually(
            "searches reach the new target",
            () -> {
              try {
                node.answer();
              } catch (Exception lost) {
                throw new AssertionError("a search was lost", lost);
              }
              return wanted.searches.get() > before;
            });
      }
      node.client.apply(Settings.EMPTY);
      ClientHarness.eventually("no target is left", () -> node.client.available() == false);
      assertEquals(StepAside.NO_TARGET, node.failure());
    }
  }

  @Test
  void keepsItsChannelsWhereTheNewSettingsCannotBeFollowed() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm()) {
      node.client.apply(
          ClientHarness.settings(sidecar)
              .put("reshelf.tls.enabled", true)
              .put("reshelf.tls.ca_file", "absent.pem")
              .build());
      ClientHarness.eventually(
          "the problem is told",
          () -> node.client.state().get("problem").toString().contains("absent.pem"));
      assertEquals("b", node.answer().getHits(0).getId());
      node.client.apply(ClientHarness.settings(sidecar).build());
      ClientHarness.eventually(
          "the problem is over", () -> node.client.state().get("problem").equals(""));
      assertEquals("b", node.answer().getHits(0).getId());
    }
  }

  @Test
  void aTargetThatSpeaksSomethingElseIsNeverUsed() throws Exception {
    try (ServerSocket garbage = new ServerSocket(0)) {
      Thread speaker =
          new Thread(
              () -> {
                while (garbage.isClosed() == false) {
                  try (Socket socket = garbage.accept()) {
                    socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes());
                  } catch (java.io.IOException closed) {
                    return;
                  }
                }
              });
      speaker.setDaemon(true);
      speaker.start();
      try (ClientHarness node =
          new ClientHarness(
              ClientHarness.settings()
                  .putList("reshelf.targets", "127.0.0.1:" + garbage.getLocalPort())
                  .build())) {
        ClientHarness.eventually("it is found out", () -> states(node).equals(List.of("open")));
        assertEquals(StepAside.BREAKER_OPEN, node.failure());
      }
    }
  }

  @Test
  void startsWithoutTargetsAndWithUnknownNames() throws Exception {
    try (ClientHarness node = new ClientHarness(Settings.EMPTY)) {
      assertFalse(node.client.available());
      assertEquals(StepAside.NO_TARGET, node.failure());
      node.client.apply(
          Settings.builder().putList("reshelf.targets", "no-such-host.invalid:50051").build());
      ClientHarness.eventually(
          "the name is reported",
          () ->
              node.client.state().get("problem").toString().contains("no-such-host.invalid:50051"));
    }
  }

  @Test
  void endsEverySearchWhenTheNodeStops() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar()) {
      ClientHarness node = new ClientHarness(ClientHarness.settings(sidecar).build()).warm();
      sidecar.behaviour = FakeSidecar::hang;
      CompletableFuture<RerankResponse> held = node.send(TimeValue.timeValueSeconds(5));
      node.close();
      ClientHarness.eventually("the search ended", held::isDone);
      assertTrue(held.isCompletedExceptionally());
      ClientHarness.eventually(
          "no thread is left behind",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(
                      thread -> thread.isAlive() && thread.getName().startsWith("reshelf-")));
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Object> states(ClientHarness node) {
    return ((List<Map<String, Object>>) node.client.state().get("targets"))
        .stream().map(target -> target.get("state")).toList();
  }
}
