package org.reshelf.opensearch.stats;

import java.io.IOException;
import org.opensearch.action.support.nodes.BaseNodesRequest;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.transport.TransportRequest;

/** Asks the named nodes, or all. */
public final class ReshelfStatsRequest extends BaseNodesRequest<ReshelfStatsRequest> {

  public ReshelfStatsRequest(String... nodes) {
    super(nodes);
  }

  ReshelfStatsRequest(StreamInput in) throws IOException {
    super(in);
  }

  /** The part of the request that goes to one node. */
  static final class Node extends TransportRequest {

    Node() {}

    Node(StreamInput in) throws IOException {
      super(in);
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
    }
  }
}
