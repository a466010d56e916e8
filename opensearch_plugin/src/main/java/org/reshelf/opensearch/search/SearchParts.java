package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.cluster.metadata.IndexNameExpressionResolver;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.common.io.stream.NamedWriteableRegistry;
import org.opensearch.plugins.SearchPlugin.SearchExtSpec;
import org.opensearch.rest.RestHeaderDefinition;
import org.opensearch.search.SearchExtBuilder;
import org.opensearch.search.pipeline.Processor;
import org.opensearch.search.pipeline.SearchRequestProcessor;
import org.opensearch.search.pipeline.SearchResponseProcessor;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.client.Client;
import org.reshelf.opensearch.client.RerankClient;
import org.reshelf.opensearch.stats.ReshelfStats;

/**
 * Everything this package gives to the plugin class, in one place.
 *
 * <p>The static methods need only the node's settings: OpenSearch asks for them before it creates
 * components.
 */
public final class SearchParts {

  private final WindowProcessor.Parts window;
  private final RerankProcessor.Parts rerank;
  private final SubSearches subSearches;

  /**
   * @param client the sidecar client; asked for at each search, so that it may be made later than
   *     this object
   * @param nodeClient for the searches that a search needs besides itself
   * @param defaultDeadline the time a search gives the sidecar where its pipeline names none; read
   *     at each search
   */
  public SearchParts(
      Supplier<RerankClient> client,
      Supplier<TimeValue> defaultDeadline,
      ReshelfStats stats,
      ClusterService clusterService,
      IndexNameExpressionResolver indexNameResolver,
      NamedWriteableRegistry namedWriteables,
      ThreadPool threadPool,
      Client nodeClient,
      Settings nodeSettings) {
    PageMemory memory = new PageMemory(nodeSettings, clusterService.getClusterSettings());
    IndexLimits.Reader limits =
        new IndexLimits.Reader(clusterService, indexNameResolver, namedWriteables);
    this.window =
        new WindowProcessor.Parts(
            client,
            new SearcherReader(SearchSettings.headerNames(nodeSettings)),
            memory,
            limits,
            threadPool.getThreadContext());
    this.rerank =
        new RerankProcessor.Parts(
            client,
            defaultDeadline,
            stats,
            memory,
            new NodeFollowUps(nodeClient, threadPool),
            limits::wordFields);
    this.subSearches = new SubSearches(threadPool.getThreadContext());
  }

  /** Settings to register: {@code Plugin.getSettings()}. */
  public static List<Setting<?>> settings() {
    return SearchSettings.all();
  }

  /** Request sections to register: {@code SearchPlugin.getSearchExts()}. */
  public static List<SearchExtSpec<?>> searchExtensions(Settings nodeSettings) {
    List<SearchExtSpec<?>> sections = new ArrayList<>();
    sections.add(new SearchExtSpec<>(ReshelfExt.NAME, ReshelfExt::new, ReshelfExt::parse));
    if (SearchSettings.ACCEPT_UBI.get(nodeSettings)) {
      sections.add(new SearchExtSpec<>(UbiExt.NAME, UbiExt::new, UbiExt::parse));
    }
    return sections;
  }

  /** What crosses the wire besides: {@code Plugin.getNamedWriteables()}. */
  public static List<NamedWriteableRegistry.Entry> namedWriteables() {
    return List.of(
        new NamedWriteableRegistry.Entry(
            SearchExtBuilder.class, ReshelfReport.WIRE_NAME, ReshelfReport::new));
  }

  /** Request headers that name the shopper: {@code ActionPlugin.getRestHeaders()}. */
  public static Collection<RestHeaderDefinition> restHeaders(Settings nodeSettings) {
    return SearchSettings.restHeaders(nodeSettings);
  }

  /** {@code SearchPipelinePlugin.getRequestProcessors()}. */
  public Map<String, Processor.Factory<SearchRequestProcessor>> requestProcessors() {
    return Map.of(WindowProcessor.TYPE, WindowProcessor.factory(window));
  }

  /** {@code SearchPipelinePlugin.getResponseProcessors()}. */
  public Map<String, Processor.Factory<SearchResponseProcessor>> responseProcessors() {
    return Map.of(RerankProcessor.TYPE, RerankProcessor.factory(rerank));
  }

  /** {@code ActionPlugin.getActionFilters()}: what must be seen before a pipeline begins. */
  public List<ActionFilter> actionFilters() {
    return List.of(subSearches, new PipelineCheck());
  }
}
