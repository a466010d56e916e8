package org.reshelf.opensearch.stats;

import org.opensearch.action.ActionType;

/** Collects the counters and the state of the sidecars from all nodes. */
public final class ReshelfStatsAction extends ActionType<ReshelfStatsResponse> {

  public static final String NAME = "cluster:monitor/reshelf/stats";
  public static final ReshelfStatsAction INSTANCE = new ReshelfStatsAction();

  private ReshelfStatsAction() {
    super(NAME, ReshelfStatsResponse::new);
  }
}
