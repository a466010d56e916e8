package org.reshelf.opensearch.client;

import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.reshelf.v1.Candidate;
import org.reshelf.v1.RankedHit;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;
import org.reshelf.v1.RerankerGrpc;

/**
 * A real gRPC server on a loopback port that answers as the test says. Warm-up calls are always
 * answered well.
 */
final class FakeSidecar implements AutoCloseable {

  final AtomicInteger searches = new AtomicInteger();
  final AtomicInteger warmUps = new AtomicInteger();
  volatile ServingStatus health = ServingStatus.SERVING;

  /** The last call's header of that name, or null. */
  volatile String authorization;

  /** Whether health checks are answered at all. */
  volatile boolean silent;

  /** Health checks are answered once this is done. */
  volatile CompletableFuture<?> healthAfter = CompletableFuture.completedFuture(null);

  final AtomicInteger checks = new AtomicInteger();

  volatile BiConsumer<RerankRequest, StreamObserver<RerankResponse>> behaviour =
      FakeSidecar::reverse;

  volatile BiConsumer<RerankRequest, StreamObserver<RerankResponse>> warmUp = FakeSidecar::reverse;

  private final Server server;

  FakeSidecar() throws IOException {
    this(0);
  }

  FakeSidecar(int port) throws IOException {
    this(port, InsecureServerCredentials.create());
  }

  FakeSidecar(int port, ServerCredentials credentials) throws IOException {
    server =
        OkHttpServerBuilder.forPort(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), credentials)
            .intercept(new Headers())
            .addService(new Reranker())
            .addService(new Health())
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  String target() {
    return "127.0.0.1:" + port();
  }

  static void reverse(RerankRequest request, StreamObserver<RerankResponse> observer) {
    RerankResponse.Builder response = RerankResponse.newBuilder().setReranked(true);
    for (int rank = request.getColumns().getIdsCount(); rank > 0; rank--) {
      response.getRankedBuilder().addRanks(rank).addScores(rank);
    }
    for (int i = request.getCandidatesCount() - 1; i >= 0; i--) {
      Candidate candidate = request.getCandidates(i);
      response.addHits(
          RankedHit.newBuilder().setId(candidate.getId()).setRank(candidate.getRank()));
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }

  static BiConsumer<RerankRequest, StreamObserver<RerankResponse>> failing(Status status) {
    return (request, observer) -> observer.onError(status.asRuntimeException());
  }

  /** As sidecars did before there were columns: what they do not know is not there. */
  static void reverseRows(RerankRequest request, StreamObserver<RerankResponse> observer) {
    reverse(request.toBuilder().clearColumns().build(), observer);
  }

  /** Never answers. */
  static void hang(RerankRequest request, StreamObserver<RerankResponse> observer) {}

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Headers implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      authorization =
          headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
      return next.startCall(call, headers);
    }
  }

  private final class Reranker extends RerankerGrpc.RerankerImplBase {
    @Override
    public void rerank(RerankRequest request, StreamObserver<RerankResponse> observer) {
      if (request.getQuery().getId().equals("reshelf-warm-up")) {
        warmUps.incrementAndGet();
        warmUp.accept(request, observer);
      } else {
        searches.incrementAndGet();
        behaviour.accept(request, observer);
      }
    }
  }

  private final class Health extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
      if (silent) {
        return;
      }
      checks.incrementAndGet();
      healthAfter.thenRun(
          () -> {
            observer.onNext(HealthCheckResponse.newBuilder().setStatus(health).build());
            observer.onCompleted();
          });
    }
  }
}
