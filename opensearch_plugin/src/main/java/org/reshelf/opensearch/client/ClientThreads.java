package org.reshelf.opensearch.client;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads below a search. All are daemons.
 *
 * <p>One timer for deadlines and for what happens regularly; nothing on it may block. The
 * input/output threads come and go: gRPC's okhttp transport reads each connection with one and
 * writes with another while there is something to write; look-ups and files take one for as long as
 * they last.
 */
final class ClientThreads implements AutoCloseable {

  private final ScheduledThreadPoolExecutor timer;
  private final ExecutorService inputOutput;

  ClientThreads() {
    timer = new ScheduledThreadPoolExecutor(1, named("reshelf-timer"));
    timer.setRemoveOnCancelPolicy(true);
    // What comes after the end is thrown away without a word: gRPC would panic over a refusal.
    timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    inputOutput =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            60,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            named("reshelf-io"),
            new ThreadPoolExecutor.DiscardPolicy());
  }

  ScheduledThreadPoolExecutor timer() {
    return timer;
  }

  ExecutorService inputOutput() {
    return inputOutput;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    inputOutput.shutdown();
    try {
      if (inputOutput.awaitTermination(2, TimeUnit.SECONDS) == false) {
        inputOutput.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      inputOutput.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private static ThreadFactory named(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
