package org.reshelf.opensearch.search;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.search.SearchHits;
import org.opensearch.search.pipeline.AbstractProcessor;
import org.opensearch.search.pipeline.PipelineProcessingContext;
import org.opensearch.search.pipeline.Processor;
import org.opensearch.search.pipeline.SearchResponseProcessor;
import org.reshelf.opensearch.client.RerankClient;
import org.reshelf.opensearch.stats.ReshelfStats;
import org.reshelf.opensearch.stats.StepAside;

/**
 * The response processor `reshelf`: has the fetched window ordered by the sidecar and answers the
 * page that the client asked for. It never fails a search.
 */
final class RerankProcessor extends AbstractProcessor implements SearchResponseProcessor {

  static final String TYPE = "reshelf";

  private static final Logger LOGGER = LogManager.getLogger(RerankProcessor.class);
  private static final TimeValue MIN_DEADLINE = TimeValue.timeValueMillis(1);
  private static final TimeValue MAX_DEADLINE = TimeValue.timeValueSeconds(60);

  /**
   * What every rerank processor of a node shares.
   *
   * @param wordFields tells of a search in which fields words are looked for
   */
  record Parts(
      Supplier<RerankClient> client,
      Supplier<TimeValue> defaultDeadline,
      ReshelfStats stats,
      PageMemory memory,
      FollowUps followUps,
      Function<SearchRequest, Predicate<String>> wordFields) {}

  private final RerankOptions options;
  private final Parts parts;

  private RerankProcessor(
      String tag, String description, boolean ignoreFailure, RerankOptions options, Parts parts) {
    super(tag, description, ignoreFailure);
    this.options = options;
    this.parts = parts;
  }

  static Processor.Factory<SearchResponseProcessor> factory(Parts parts) {
    return (factories, tag, description, ignoreFailure, config, context) ->
        new RerankProcessor(tag, description, ignoreFailure, options(tag, config), parts);
  }

  static RerankOptions options(String tag, Map<String, Object> config) {
    OptionReader reader = new OptionReader(TYPE, tag, config);
    reader.refuseOthersThan(List.of("profile", "deadline", "shopper", "context", "nothing_found"));
    return new RerankOptions(
        reader.profile("profile"),
        reader.time("deadline", MIN_DEADLINE, MAX_DEADLINE),
        Searcher.ofOptions(
            reader.section("shopper", Searcher.SHOPPER_OPTIONS),
            reader.section("context", Searcher.CONTEXT_OPTIONS)),
        reader.flag("nothing_found", true));
  }

  @Override
  public String getType() {
    return TYPE;
  }

  @Override
  public SearchResponse processResponse(SearchRequest request, SearchResponse response) {
    return response;
  }

  @Override
  public void processResponseAsync(
      SearchRequest request,
      SearchResponse response,
      PipelineProcessingContext context,
      ActionListener<SearchResponse> listener) {
    SearchPlan plan = SearchPlan.of(context);
    if (plan == null) {
      parts.stats().stepAside(StepAside.NO_WINDOW);
      listener.onResponse(response);
      return;
    }
    boolean profiled = request.source() != null && request.source().profile();
    if (plan.aside() != null) {
      listener.onResponse(leftAlone(plan, request, response, profiled));
      return;
    }
    new Reranking(plan, options, parts, request, response, profiled, listener).run();
  }

  /** The response of a search that the window processor did not touch. */
  private SearchResponse leftAlone(
      SearchPlan plan, SearchRequest request, SearchResponse response, boolean profiled) {
    parts.stats().stepAside(plan.aside());
    boolean counts = plan.earlier() != null && plan.earlier().foundAnyway() > 0;
    if (!plan.reports() && !counts) {
      return response;
    }
    try {
      SearchHits hits =
          counts
              ? Page.counting(response.getHits(), plan.earlier().foundAnyway(), request)
              : response.getHits();
      ReshelfReport report =
          plan.reports() ? Report.ofStepAside(plan, plan.aside(), hits, -1, 0) : null;
      return Page.with(response, hits, report, profiled, 0);
    } catch (RuntimeException e) {
      LOGGER.warn("A search is answered without its report", e);
      return response;
    }
  }
}
