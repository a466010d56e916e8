package org.reshelf.opensearch.stats;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.opensearch.action.FailedNodeException;
import org.opensearch.action.support.ActionFilters;
import org.opensearch.action.support.nodes.TransportNodesAction;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.inject.Inject;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.TransportService;

/** Asks each node for its figures. */
public final class TransportReshelfStatsAction
    extends TransportNodesAction<
        ReshelfStatsRequest,
        ReshelfStatsResponse,
        ReshelfStatsRequest.Node,
        ReshelfStatsResponse.Node> {

  private final ReshelfStats stats;
  private final ClientState client;

  @Inject
  public TransportReshelfStatsAction(
      ThreadPool threadPool,
      ClusterService clusterService,
      TransportService transportService,
      ActionFilters actionFilters,
      ReshelfStats stats,
      ClientState client) {
    super(
        ReshelfStatsAction.NAME,
        threadPool,
        clusterService,
        transportService,
        actionFilters,
        ReshelfStatsRequest::new,
        ReshelfStatsRequest.Node::new,
        ThreadPool.Names.SAME,
        ReshelfStatsResponse.Node.class);
    this.stats = stats;
    this.client = client;
  }

  @Override
  protected ReshelfStatsResponse newResponse(
      ReshelfStatsRequest request,
      List<ReshelfStatsResponse.Node> nodes,
      List<FailedNodeException> failures) {
    return new ReshelfStatsResponse(clusterService.getClusterName(), nodes, failures);
  }

  @Override
  protected ReshelfStatsRequest.Node newNodeRequest(ReshelfStatsRequest request) {
    return new ReshelfStatsRequest.Node();
  }

  @Override
  protected ReshelfStatsResponse.Node newNodeResponse(StreamInput in) throws IOException {
    return new ReshelfStatsResponse.Node(in);
  }

  @Override
  protected ReshelfStatsResponse.Node nodeOperation(ReshelfStatsRequest.Node request) {
    Map<String, Object> figures = new LinkedHashMap<>(stats.asMap());
    figures.put("client", client.figures());
    return new ReshelfStatsResponse.Node(clusterService.localNode(), figures);
  }
}
