package org.reshelf.opensearch.stats;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.opensearch.action.FailedNodeException;
import org.opensearch.action.support.nodes.BaseNodeResponse;
import org.opensearch.action.support.nodes.BaseNodesResponse;
import org.opensearch.cluster.ClusterName;
import org.opensearch.cluster.node.DiscoveryNode;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.ToXContentFragment;
import org.opensearch.core.xcontent.XContentBuilder;

/** The figures of each node, under its id. */
public final class ReshelfStatsResponse extends BaseNodesResponse<ReshelfStatsResponse.Node>
    implements ToXContentFragment {

  ReshelfStatsResponse(StreamInput in) throws IOException {
    super(in);
  }

  ReshelfStatsResponse(
      ClusterName clusterName, List<Node> nodes, List<FailedNodeException> failures) {
    super(clusterName, nodes, failures);
  }

  @Override
  protected List<Node> readNodesFrom(StreamInput in) throws IOException {
    return in.readList(Node::new);
  }

  @Override
  protected void writeNodesTo(StreamOutput out, List<Node> nodes) throws IOException {
    out.writeList(nodes);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject("nodes");
    for (Node node : getNodes()) {
      builder.startObject(node.getNode().getId());
      builder.field("name", node.getNode().getName());
      for (Map.Entry<String, Object> figure : node.figures.entrySet()) {
        builder.field(figure.getKey(), figure.getValue());
      }
      builder.endObject();
    }
    return builder.endObject();
  }

  /** One node's figures by name: numbers, texts, and maps and lists of them. */
  static final class Node extends BaseNodeResponse {

    private final Map<String, Object> figures;

    Node(StreamInput in) throws IOException {
      super(in);
      figures = in.readMap();
    }

    Node(DiscoveryNode node, Map<String, Object> figures) {
      super(node);
      this.figures = figures;
    }

    Map<String, Object> figures() {
      return figures;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeMap(figures);
    }
  }
}
