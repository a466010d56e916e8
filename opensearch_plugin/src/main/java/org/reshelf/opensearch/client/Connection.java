package org.reshelf.opensearch.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;
import org.reshelf.v1.RerankerGrpc;

/**
 * One gRPC channel to one address. It is thrown away after a failed probe: a new one connects at
 * once, where the old one would wait ever longer between attempts, or would trust a connection that
 * leads nowhere any more.
 */
final class Connection {

  /**
   * What makes two channels to one address different.
   *
   * @param credentials made once for each version of the TLS files and secrets; compared by
   *     identity
   * @param token empty for none
   */
  record Spec(ChannelCredentials credentials, TlsConfig tls, String token, int maxMessageBytes) {

    @Override
    public String toString() {
      return "Spec[…]";
    }
  }

  private static final int FLOW_CONTROL_WINDOW = 1 << 20;
  private static final long LATE_START_MILLIS = 250;

  private final ChannelSockets sockets;
  private final ManagedChannel channel;
  private final Channel calls;
  private final ClientThreads threads;
  private final Consumer<Connection> ended;
  private final boolean tls;
  private volatile boolean worked;
  private final AtomicBoolean watched = new AtomicBoolean();

  Connection(
      Address address,
      Spec spec,
      int connectMillis,
      ClientThreads threads,
      Consumer<Connection> ended) {
    this.threads = threads;
    this.ended = ended;
    this.tls = spec.tls().enabled();
    sockets = new ChannelSockets(connectMillis);
    Target target = address.target();
    String name =
        spec.tls().enabled() && spec.tls().serverName().isEmpty() == false
            ? new Target(spec.tls().serverName(), target.port()).toString()
            : target.toString();
    // The builder is named directly: looking for one goes through the context class loader, which
    // in a node is
    // not the plugin's. No HTTP/2 keep-alive pings: a Python server with its defaults takes more
    // than one in
    // five minutes for an attack and hangs up. The health checks do their work.
    channel =
        OkHttpChannelBuilder.forAddress(
                address.ip().getHostAddress(), target.port(), spec.credentials())
            .overrideAuthority(name)
            .socketFactory(sockets)
            .directExecutor()
            .transportExecutor(threads.inputOutput())
            .offloadExecutor(threads.inputOutput())
            .scheduledExecutorService(threads.timer())
            .proxyDetector(ignored -> null)
            .disableServiceConfigLookUp()
            .maxInboundMessageSize(spec.maxMessageBytes())
            .flowControlWindow(FLOW_CONTROL_WINDOW)
            .userAgent("reshelf-opensearch")
            .build();
    calls =
        spec.token().isEmpty() || spec.tls().enabled() == false
            ? channel
            : ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(bearer(spec.token())));
  }

  void rerank(RerankRequest request, long deadlineNanos, StreamObserver<RerankResponse> observer) {
    ClientCalls.asyncUnaryCall(
        calls.newCall(RerankerGrpc.getRerankMethod(), deadline(deadlineNanos)), request, observer);
  }

  void check(long deadlineNanos, StreamObserver<HealthCheckResponse> observer) {
    ClientCalls.asyncUnaryCall(
        calls.newCall(HealthGrpc.getCheckMethod(), deadline(deadlineNanos)),
        HealthCheckRequest.getDefaultInstance(),
        observer);
  }

  /** Something was answered over this connection. */
  void worked() {
    worked = true;
  }

  /** Whether TLS is spoken and nothing was answered yet. */
  boolean untriedTls() {
    return tls && worked == false;
  }

  /** Runs the task once when the connection is lost, or at once when there is none. */
  void whenLost(Runnable task) {
    if (watched.compareAndSet(false, true)) {
      channel.notifyWhenStateChanged(
          ConnectivityState.READY,
          () -> {
            watched.set(false);
            task.run();
          });
    }
  }

  /**
   * Ends the channel softly: who picked it a moment ago may still start a call, and calls in flight
   * have {@code graceMillis} to end.
   */
  void close(long graceMillis) {
    threads.timer().schedule(channel::shutdown, LATE_START_MILLIS, TimeUnit.MILLISECONDS);
    threads
        .timer()
        .schedule(this::closeNow, LATE_START_MILLIS + graceMillis, TimeUnit.MILLISECONDS);
  }

  void closeNow() {
    channel.shutdownNow();
    sockets.closeAll();
    ended.accept(this);
  }

  void awaitEnd(long nanos) throws InterruptedException {
    channel.awaitTermination(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  private static CallOptions deadline(long nanos) {
    return CallOptions.DEFAULT.withDeadlineAfter(nanos, TimeUnit.NANOSECONDS);
  }

  private static Metadata bearer(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return headers;
  }
}
