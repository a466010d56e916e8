package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.action.ActionListener;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.pipeline.AbstractProcessor;
import org.opensearch.search.pipeline.PipelineProcessingContext;
import org.opensearch.search.pipeline.Processor;
import org.opensearch.search.pipeline.SearchRequestProcessor;
import org.opensearch.search.sort.ScoreSortBuilder;
import org.opensearch.search.sort.SortBuilder;
import org.opensearch.search.sort.SortOrder;
import org.reshelf.opensearch.client.RerankClient;
import org.reshelf.opensearch.stats.StepAside;

/**
 * The request processor `reshelf_window`: makes a search fetch the whole window that its page is
 * cut from, with the fields that the ranking reads, and notes down what the client asked for.
 */
final class WindowProcessor extends AbstractProcessor implements SearchRequestProcessor {

  static final String TYPE = "reshelf_window";
  static final int DEFAULT_WINDOW = 100;

  private static final int DEFAULT_TEXT_CHARACTERS = 2_000;
  private static final Logger LOGGER = LogManager.getLogger(WindowProcessor.class);

  /** What every window processor of a node shares. */
  record Parts(
      Supplier<RerankClient> client,
      SearcherReader searchers,
      PageMemory memory,
      IndexLimits.Reader limits,
      ThreadContext threadContext) {}

  private final WindowOptions options;
  private final Parts parts;

  private WindowProcessor(
      String tag, String description, boolean ignoreFailure, WindowOptions options, Parts parts) {
    super(tag, description, ignoreFailure);
    this.options = options;
    this.parts = parts;
  }

  static Processor.Factory<SearchRequestProcessor> factory(Parts parts) {
    return (factories, tag, description, ignoreFailure, config, context) ->
        new WindowProcessor(tag, description, ignoreFailure, options(tag, config), parts);
  }

  static WindowOptions options(String tag, Map<String, Object> config) {
    OptionReader reader = new OptionReader(TYPE, tag, config);
    reader.refuseOthersThan(List.of("window", "fields", "profile", "max_characters", "browse"));
    return new WindowOptions(
        reader.integer("window", DEFAULT_WINDOW, 1, Limits.CANDIDATES),
        reader.fields("fields"),
        reader.profile("profile"),
        reader.integer("max_characters", DEFAULT_TEXT_CHARACTERS, 1, Limits.CANDIDATE_CHARACTERS),
        reader.flag("browse", true));
  }

  @Override
  public String getType() {
    return TYPE;
  }

  @Override
  public SearchRequest processRequest(SearchRequest request) {
    return request;
  }

  @Override
  public SearchRequest processRequest(SearchRequest request, PipelineProcessingContext context) {
    SearchPlan plan;
    try {
      plan = plan(request);
      if (plan.aside() == null) {
        request.source(windowed(request.source(), plan));
      } else if (plan.earlier() != null) {
        request.source(behindWindow(request.source(), plan));
      }
    } catch (Exception e) {
      // The request has not been changed yet: the last step that may fail is behind the change.
      LOGGER.warn("A search is left in OpenSearch's order: its window could not be made", e);
      plan = SearchPlan.stepAside(StepAside.INTERNAL_ERROR, null);
    }
    plan.handOver(context);
    return request;
  }

  @Override
  public void processRequestAsync(
      SearchRequest request,
      PipelineProcessingContext context,
      ActionListener<SearchRequest> listener) {
    // Not inside a try: whatever the listener throws is not this processor's failure.
    listener.onResponse(processRequest(request, context));
  }

  private SearchPlan plan(SearchRequest request) throws IOException {
    SearchSourceBuilder source = request.source();
    if (source == null) {
      return SearchPlan.stepAside(StepAside.NO_QUERY_TEXT, null);
    }
    SearcherReader.Said said = parts.searchers().read(source.ext(), parts.threadContext());
    StepAside reason = shapeForbids(request, source);
    if (reason != null) {
      return SearchPlan.stepAside(reason, said.asked());
    }
    IndexLimits limits = parts.limits().of(request);
    int maxResultWindow = limits.maxResultWindow();
    SearchWindow window =
        SearchWindow.of(source.from(), source.size(), options.window(), maxResultWindow);
    SearchPlan aside = SearchPlan.stepAside(StepAside.BEYOND_WINDOW, said.asked(), window);
    if (!window.coversPage() && !parts.memory().mayHoldShifted()) {
      return aside;
    }
    if (window.hitsToFetch() > maxResultWindow) {
      return aside.because(StepAside.WINDOW_TOO_LARGE);
    }
    String text = queryText(source, said);
    if (text.isEmpty() && !options.browse()) {
      return aside.because(StepAside.NO_QUERY_TEXT);
    }
    SourceView view = SourceView.of(source, options.fields());
    if (SourceView.forbidden(source) || (view.restores() && limits.sourceMissing())) {
      return aside.because(StepAside.FIELDS_UNAVAILABLE);
    }
    SearchPlan plan = plan(request, said, window, view, text);
    Decision shifted = parts.memory().findShifted(plan.key());
    if (shifted == null && !window.coversPage()) {
      return aside;
    }
    reason = memoryForbids(plan);
    if (reason != null) {
      return aside.because(reason);
    }
    return shifted == null ? plan : plan.after(shifted);
  }

  /** Why a search of this shape is left alone, or null. */
  private StepAside shapeForbids(SearchRequest request, SearchSourceBuilder source) {
    if (SubSearches.isSubSearch(parts.threadContext())) {
      return StepAside.SUB_SEARCH;
    }
    if (request.scroll() != null) {
      return StepAside.SCROLL;
    }
    if (source.searchAfter() != null) {
      return StepAside.SEARCH_AFTER;
    }
    if (source.size() == 0) {
      return StepAside.SIZE_ZERO;
    }
    if (source.slice() != null) {
      return StepAside.SLICED;
    }
    if (source.isSuggestOnly()) {
      // Not a search that finds nothing: it does not look for hits.
      return StepAside.NO_QUERY_TEXT;
    }
    return sortsByScore(source) ? null : StepAside.EXPLICIT_SORT;
  }

  private static boolean sortsByScore(SearchSourceBuilder source) {
    List<SortBuilder<?>> sorts = source.sorts();
    return sorts == null
        || sorts.isEmpty()
        || (sorts.size() == 1
            && sorts.getFirst() instanceof ScoreSortBuilder score
            && score.order() == SortOrder.DESC);
  }

  private static String queryText(SearchSourceBuilder source, SearcherReader.Said said) {
    String asked = said.asked() == null ? null : said.asked().text("query");
    if (asked != null) {
      return asked.strip();
    }
    String found = QueryText.find(source.query());
    return found.isEmpty() ? said.userQuery().strip() : found;
  }

  private SearchPlan plan(
      SearchRequest request,
      SearcherReader.Said said,
      SearchWindow window,
      SourceView view,
      String text) {
    ReshelfExt ext = said.asked() == null ? ReshelfExt.EMPTY : said.asked();
    String asked = ext.text("profile");
    String profile = asked == null ? options.profile() : asked;
    List<Boolean> flags =
        List.of(ext.explain(), ext.layout(), ext.structuredData(), ext.sponsored());
    PageKey key =
        PageKey.of(
            request,
            window,
            said.searcher(),
            List.of(
                text,
                said.queryId(),
                profile,
                String.valueOf(asked != null),
                "" + flags,
                "" + ext.strength()));
    return new SearchPlan(
        null,
        said.asked(),
        window,
        view,
        options.fields(),
        options.textCharacters(),
        text,
        EqualityFilters.of(request.source(), () -> parts.limits().exactFields(request)),
        said.queryId(),
        request.indices() == null ? "" : String.join(",", request.indices()),
        profile,
        said.searcher(),
        key,
        System.currentTimeMillis(),
        null);
  }

  /** Spares a search its window where it is known already that the window will not be ordered. */
  private StepAside memoryForbids(SearchPlan plan) {
    int from = plan.window().from();
    Decision remembered = parts.memory().find(plan.key());
    if (from > 0 && remembered != null && remembered.fellOpen()) {
      return StepAside.REMEMBERED_FAIL_OPEN;
    }
    boolean standIn = remembered != null && !remembered.fellOpen() && parts.memory().standsIn(from);
    RerankClient client = parts.client().get();
    if (!standIn && !client.available()) {
      parts.memory().remember(plan.key(), Decision.FELL_OPEN);
      return client.whyUnavailable();
    }
    return null;
  }

  /** A copy, because the client's own request is still read by logs and by other plugins. */
  private static SearchSourceBuilder windowed(SearchSourceBuilder source, SearchPlan plan) {
    SearchSourceBuilder windowed = copy(source);
    windowed.from(0).size((int) plan.hitsToFetch());
    plan.view().widen(windowed);
    return windowed;
  }

  /** A page behind the window, of a list that rules made longer or shorter. */
  private static SearchSourceBuilder behindWindow(SearchSourceBuilder source, SearchPlan plan) {
    long first = plan.firstBehind();
    long room = Math.min(plan.window().size(), plan.window().deepest() - first);
    SearchSourceBuilder behind = copy(source);
    behind.postFilter(FollowUp.without(source.postFilter(), plan.earlier().there()));
    // Behind what the indices let a search reach there is nothing to show.
    return room > 0 ? behind.from((int) first).size((int) room) : behind.from(0).size(0);
  }

  private static SearchSourceBuilder copy(SearchSourceBuilder source) {
    SearchSourceBuilder copy = source.shallowCopy();
    if (source.searchPipelineSource() != null) {
      copy.searchPipelineSource(source.searchPipelineSource());
    }
    return copy;
  }
}
