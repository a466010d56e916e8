package org.reshelf.opensearch.search;

import java.util.concurrent.TimeoutException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.action.support.ContextPreservingActionListener;
import org.opensearch.action.support.ThreadedActionListener;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.threadpool.Scheduler;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.client.Client;
import org.reshelf.opensearch.client.GrpcRerankClient;

/** Through the node's own client, continued on the plugin's pool. */
final class NodeFollowUps implements FollowUps {

  private static final Logger LOGGER = LogManager.getLogger(NodeFollowUps.class);

  private final Client client;
  private final ThreadPool threadPool;

  NodeFollowUps(Client client, ThreadPool threadPool) {
    this.client = client;
    this.threadPool = threadPool;
  }

  @Override
  public void search(
      SearchRequest request, TimeValue within, ActionListener<SearchResponse> listener) {
    ActionListener<SearchResponse> once =
        ActionListener.notifyOnce(
            ContextPreservingActionListener.wrapPreservingContext(
                listener, threadPool.getThreadContext()));
    try {
      // The search itself is not waited for: whatever becomes of it, this search goes on in time.
      Scheduler.ScheduledCancellable timer =
          threadPool.schedule(
              () -> once.onFailure(new TimeoutException("no answer within " + within)),
              within,
              GrpcRerankClient.POOL);
      request.setCancelAfterTimeInterval(within);
      client.search(
          request,
          new ThreadedActionListener<>(
              LOGGER,
              threadPool,
              GrpcRerankClient.POOL,
              ActionListener.runBefore(once, timer::cancel),
              true));
    } catch (RuntimeException e) {
      once.onFailure(e);
    }
  }
}
