package org.reshelf.opensearch.search;

import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;

/** Makes a search that another search needs, for the same user. */
@FunctionalInterface
interface FollowUps {

  /**
   * Never blocks and never throws; calls the listener exactly once, not later than {@code within}
   * (plus scheduling), never on a thread of the transport.
   */
  void search(SearchRequest request, TimeValue within, ActionListener<SearchResponse> listener);
}
