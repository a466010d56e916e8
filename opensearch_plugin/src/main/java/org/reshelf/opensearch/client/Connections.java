package org.reshelf.opensearch.client;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Opens channels and knows which have not ended yet, so that none outlives the node. */
final class Connections {

  private final ClientThreads threads;
  private final Set<Connection> alive = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Connections(ClientThreads threads) {
    this.threads = threads;
  }

  Connection open(Address address, Connection.Spec spec, int connectMillis) {
    Connection connection = new Connection(address, spec, connectMillis, threads, alive::remove);
    alive.add(connection);
    if (closed) {
      connection.closeNow();
    }
    return connection;
  }

  /** Ends all calls and waits, not long, until the channels need no threads any more. */
  void closeAll() {
    closed = true;
    List<Connection> ending = List.copyOf(alive);
    ending.forEach(Connection::closeNow);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    try {
      for (Connection connection : ending) {
        connection.awaitEnd(until - System.nanoTime());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
