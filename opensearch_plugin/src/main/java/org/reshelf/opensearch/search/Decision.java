package org.reshelf.opensearch.search;

import java.util.List;
import java.util.Map;

/**
 * How one query's window was decided: an order, or that OpenSearch's own order stays.
 *
 * @param order the places of the first stage's hits (from 0) in their new order; null where
 *     OpenSearch's own order stays
 * @param hits the fingerprint of the hits that the order is for
 * @param options the response processor's options under which it was decided; null where no order
 * @param report what the sidecar said of it, for {@code ext.reshelf}
 * @param explanations by first-stage place, where they were asked for; empty otherwise
 */
record Decision(
    short[] order,
    long hits,
    RerankOptions options,
    Map<String, Object> report,
    List<Map<String, Object>> explanations) {

  /** OpenSearch's own order, for all pages of the query. */
  static final Decision FELL_OPEN = new Decision(null, 0, null, Map.of(), List.of());

  boolean fellOpen() {
    return order == null;
  }

  /** Whether the sidecar had a say, or only handed the first stage's order back. */
  boolean reranked() {
    return Boolean.TRUE.equals(report.get("reranked"));
  }

  boolean explained() {
    return !explanations.isEmpty();
  }

  /** Whether this order may be used for these hits under these options. */
  boolean fits(long currentHits, int candidates, RerankOptions currentOptions) {
    return order != null
        && hits == currentHits
        && order.length == candidates
        && currentOptions.equals(options);
  }
}
