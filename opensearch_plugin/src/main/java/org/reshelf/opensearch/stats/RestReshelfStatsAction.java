package org.reshelf.opensearch.stats;

import java.util.List;
import org.opensearch.core.common.Strings;
import org.opensearch.rest.BaseRestHandler;
import org.opensearch.rest.RestRequest;
import org.opensearch.rest.action.RestActions.NodesResponseRestListener;
import org.opensearch.transport.client.node.NodeClient;

/** {@code GET /_plugins/_reshelf/stats}, of all nodes or of those named. */
public final class RestReshelfStatsAction extends BaseRestHandler {

  @Override
  public String getName() {
    return "reshelf_stats";
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(RestRequest.Method.GET, "/_plugins/_reshelf/stats"),
        new Route(RestRequest.Method.GET, "/_plugins/_reshelf/{nodeId}/stats"));
  }

  @Override
  protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
    String[] nodes = Strings.splitStringByCommaToArray(request.param("nodeId"));
    ReshelfStatsRequest statsRequest = new ReshelfStatsRequest(nodes);
    statsRequest.timeout(request.param("timeout"));
    return channel ->
        client.execute(
            ReshelfStatsAction.INSTANCE, statsRequest, new NodesResponseRestListener<>(channel));
  }

  @Override
  public boolean canTripCircuitBreaker() {
    return false;
  }
}
