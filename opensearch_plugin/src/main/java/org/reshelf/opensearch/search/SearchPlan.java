package org.reshelf.opensearch.search;

import java.util.List;
import org.opensearch.search.pipeline.PipelineProcessingContext;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.FieldFilter;

/**
 * What the request processor decided about a search, handed to the response processor. Either it
 * steps aside, and the search went on as the client sent it, or it fetched a window.
 *
 * @param aside why the search is left alone; null where it is not
 * @param asked {@code ext.reshelf}, null where the request has none
 * @param window the page and its window
 * @param view what of the source the client wants
 * @param fields what of the source the ranking reads
 * @param textCharacters the most characters of one text of a field
 * @param queryText what the shopper typed; empty where no words are searched
 * @param filters what the search is restricted to, as far as it is plain equality
 * @param queryId the search's id for later events, empty where none was given
 * @param indices what was searched, as the client named it
 * @param profile the ranking profile that the request names or the window's options do, or empty
 * @param searcher who is searching, as far as the request says
 * @param key under which the decision is remembered; null where it cannot be
 * @param startedMillis when the search arrived, since the epoch
 * @param earlier what was decided for the pages before this one, where that changed how long the
 *     query's list is; null otherwise
 */
record SearchPlan(
    StepAside aside,
    ReshelfExt asked,
    SearchWindow window,
    SourceView view,
    List<String> fields,
    int textCharacters,
    String queryText,
    List<FieldFilter> filters,
    String queryId,
    String indices,
    String profile,
    Searcher searcher,
    PageKey key,
    long startedMillis,
    Decision earlier) {

  private static final String ATTRIBUTE = "reshelf.plan";

  /** For a search that is left alone whatever its page is. */
  static SearchPlan stepAside(StepAside reason, ReshelfExt asked) {
    return stepAside(reason, asked, null);
  }

  static SearchPlan stepAside(StepAside reason, ReshelfExt asked, SearchWindow window) {
    return new SearchPlan(
        reason,
        asked,
        window,
        null,
        List.of(),
        0,
        "",
        List.of(),
        "",
        "",
        "",
        Searcher.UNKNOWN,
        null,
        0,
        null);
  }

  /** The same, left alone for another reason; a page behind the window is that before all else. */
  SearchPlan because(StepAside reason) {
    return window.coversPage() ? stepAside(reason, asked, window) : this;
  }

  /** The plan for a page of a list that rules made longer or shorter. */
  SearchPlan after(Decision shifted) {
    boolean behind = window.from() >= shifted.order().length;
    return new SearchPlan(
        behind ? StepAside.BEYOND_WINDOW : aside,
        asked,
        window,
        view,
        fields,
        textCharacters,
        queryText,
        filters,
        queryId,
        indices,
        profile,
        searcher,
        key,
        startedMillis,
        shifted);
  }

  /** Hits to ask the first stage for, from 0. */
  long hitsToFetch() {
    if (earlier == null) {
      return window.hitsToFetch();
    }
    long behind = (long) window.from() + window.size() - earlier.order().length;
    // Documents that are brought in may be among the hits behind the window and are not shown
    // there.
    long needed = earlier.candidates() + Math.max(0, behind) + earlier.foundAnyway();
    // And the page may come to be OpenSearch's own.
    return Math.min(window.deepest(), Math.max(window.hitsToFetch(), needed));
  }

  /** Which of the first stage's hits a page behind the list's window begins with. */
  long firstBehind() {
    return (long) window.from() + earlier.candidates() - earlier.order().length;
  }

  /** Whether no words are searched: the shopper looks at what there is, on a category page say. */
  boolean browses() {
    return queryText.isEmpty();
  }

  /** Whether the client asked to be told what happened. */
  boolean reports() {
    return asked != null;
  }

  boolean explains() {
    return asked != null && asked.explain();
  }

  void handOver(PipelineProcessingContext context) {
    context.setAttribute(ATTRIBUTE, this);
  }

  /** The plan of this search, or null where no window processor ran before. */
  static SearchPlan of(PipelineProcessingContext context) {
    return context.getAttribute(ATTRIBUTE) instanceof SearchPlan plan ? plan : null;
  }
}
