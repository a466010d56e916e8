package org.reshelf.opensearch.client;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;

/** gRPC's observer of one question and one answer, as two methods of which one is called once. */
abstract class Unary<T> implements StreamObserver<T> {

  private final AtomicBoolean ended = new AtomicBoolean();
  private T value;

  abstract void done(T answer);

  abstract void failed(Status status);

  @Override
  public final void onNext(T next) {
    value = next;
  }

  @Override
  public final void onError(Throwable error) {
    if (ended.compareAndSet(false, true)) {
      failed(Status.fromThrowable(error));
    }
  }

  @Override
  public final void onCompleted() {
    if (ended.compareAndSet(false, true)) {
      done(value);
    }
  }
}
