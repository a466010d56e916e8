package org.reshelf.opensearch.client;

import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

/** Asks a sidecar to order the candidates of one search. */
public interface RerankClient {

  /**
   * Whether a call has a chance now: at least one target is configured, warm and not behind an open
   * breaker. Costs next to nothing.
   */
  boolean available();

  /** Which reason to count for a search while {@link #available()} is false. */
  default StepAside whyUnavailable() {
    return StepAside.NO_TARGET;
  }

  /**
   * Sends the request to one target. Never blocks and never throws; calls the listener exactly
   * once, on the plugin's own pool with the caller's thread context, not later than the deadline
   * (plus scheduling). Failures are always {@link RerankFailure}.
   *
   * @param deadline the time this call may take; the setting {@code reshelf.deadline} is the upper
   *     bound
   */
  void rerank(RerankRequest request, TimeValue deadline, ActionListener<RerankResponse> listener);
}
