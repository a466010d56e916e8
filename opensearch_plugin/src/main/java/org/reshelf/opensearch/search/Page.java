package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.search.TotalHits;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.action.search.SearchResponseSections;
import org.opensearch.search.SearchExtBuilder;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;
import org.opensearch.search.aggregations.InternalAggregations;
import org.opensearch.search.internal.InternalSearchResponse;
import org.opensearch.search.profile.SearchProfileShardResults;

/** Cuts the asked page out of a fetched window, and leaves everything else of a response alone. */
final class Page {

  private Page() {}

  /**
   * The hits of the page.
   *
   * @param fetched the window and what was fetched behind it, in the first stage's order
   * @param order the window's new order; null to keep the first stage's
   */
  static SearchHits cut(SearchHits fetched, short[] order, SearchWindow window, SourceView view)
      throws IOException {
    SearchHit[] hits = fetched.getHits();
    int start = window.pageStart(hits.length);
    int end = window.pageEnd(hits.length);
    SearchHit[] page = new SearchHit[end - start];
    Object[] values = fetched.getCollapseValues();
    Object[] pageValues = values == null ? null : new Object[page.length];
    for (int i = start; i < end; i++) {
      int place = order != null && i < order.length ? order[i] : i;
      page[i - start] = view.restore(hits[place]);
      if (values != null) {
        pageValues[i - start] = values[place];
      }
    }
    return new SearchHits(
        page,
        fetched.getTotalHits(),
        fetched.getMaxScore(),
        fetched.getSortFields(),
        fetched.getCollapseField(),
        pageValues);
  }

  /**
   * The hits with more of them in the total: those that are shown on an earlier page already, and
   * so were not counted.
   */
  static SearchHits counting(SearchHits hits, long more, SearchRequest request) {
    TotalHits total = hits.getTotalHits();
    if (total == null || total.relation() != TotalHits.Relation.EQUAL_TO) {
      return hits;
    }
    long most = request.resolveTrackTotalHitsUpTo();
    long count = total.value() + more;
    return new SearchHits(
        hits.getHits(),
        count > most
            ? new TotalHits(most, TotalHits.Relation.GREATER_THAN_OR_EQUAL_TO)
            : new TotalHits(count, TotalHits.Relation.EQUAL_TO),
        hits.getMaxScore(),
        hits.getSortFields(),
        hits.getCollapseField(),
        hits.getCollapseValues());
  }

  /**
   * The response with other hits, and with a report where there is one.
   *
   * @param hits the hits to answer
   * @param report null for none
   * @param profiled whether the client asked for a profile
   * @param extraMillis what was done since OpenSearch stopped its own clock
   */
  static SearchResponse with(
      SearchResponse response,
      SearchHits hits,
      ReshelfReport report,
      boolean profiled,
      long extraMillis) {
    SearchResponseSections sections = response.getInternalResponse();
    List<SearchExtBuilder> ext = new ArrayList<>(sections.getSearchExtBuilders());
    if (report != null) {
      ext.add(report);
    }
    InternalSearchResponse internal =
        new InternalSearchResponse(
            hits,
            (InternalAggregations) sections.aggregations(),
            sections.suggest(),
            profiled || !sections.profile().isEmpty()
                ? new SearchProfileShardResults(sections.profile())
                : null,
            sections.timedOut(),
            sections.terminatedEarly(),
            sections.getNumReducePhases(),
            ext,
            sections.getProcessorResult());
    return new SearchResponse(
        internal,
        response.getScrollId(),
        response.getTotalShards(),
        response.getSuccessfulShards(),
        response.getSkippedShards(),
        response.getTook().millis() + extraMillis,
        response.getPhaseTook(),
        response.getShardFailures(),
        response.getClusters(),
        response.pointInTimeId());
  }
}
