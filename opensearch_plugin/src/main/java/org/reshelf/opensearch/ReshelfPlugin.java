package org.reshelf.opensearch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.cluster.metadata.IndexNameExpressionResolver;
import org.opensearch.cluster.node.DiscoveryNodes;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.ClusterSettings;
import org.opensearch.common.settings.IndexScopedSettings;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.settings.SettingsFilter;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.OpenSearchExecutors;
import org.opensearch.core.common.io.stream.NamedWriteableRegistry;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.env.Environment;
import org.opensearch.env.NodeEnvironment;
import org.opensearch.plugins.ActionPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.ReloadablePlugin;
import org.opensearch.plugins.SearchPipelinePlugin;
import org.opensearch.plugins.SearchPlugin;
import org.opensearch.repositories.RepositoriesService;
import org.opensearch.rest.RestController;
import org.opensearch.rest.RestHandler;
import org.opensearch.rest.RestHeaderDefinition;
import org.opensearch.script.ScriptService;
import org.opensearch.search.pipeline.Processor;
import org.opensearch.search.pipeline.SearchRequestProcessor;
import org.opensearch.search.pipeline.SearchResponseProcessor;
import org.opensearch.threadpool.ExecutorBuilder;
import org.opensearch.threadpool.FixedExecutorBuilder;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.client.Client;
import org.opensearch.watcher.ResourceWatcherService;
import org.reshelf.opensearch.client.ClientSettings;
import org.reshelf.opensearch.client.GrpcRerankClient;
import org.reshelf.opensearch.client.Secrets;
import org.reshelf.opensearch.search.SearchParts;
import org.reshelf.opensearch.stats.ClientState;
import org.reshelf.opensearch.stats.ReshelfStats;
import org.reshelf.opensearch.stats.ReshelfStatsAction;
import org.reshelf.opensearch.stats.RestReshelfStatsAction;
import org.reshelf.opensearch.stats.TransportReshelfStatsAction;

/**
 * What OpenSearch loads: makes the sidecar client ({@code client}), the processors ({@code search})
 * and the counters ({@code stats}), and hands them over.
 */
public final class ReshelfPlugin extends Plugin
    implements ActionPlugin, SearchPlugin, SearchPipelinePlugin, ReloadablePlugin {

  private static final int QUEUE = 1_000;

  private final Settings nodeSettings;
  private final ReshelfStats stats = new ReshelfStats();
  private volatile GrpcRerankClient client;
  private volatile SearchParts search;

  /**
   * @param configFolder where OpenSearch keeps its configuration; the {@link Environment} names the
   *     same one
   */
  public ReshelfPlugin(Settings nodeSettings, Path configFolder) {
    this.nodeSettings = nodeSettings;
  }

  @Override
  public Collection<Object> createComponents(
      Client nodeClient,
      ClusterService clusterService,
      ThreadPool threadPool,
      ResourceWatcherService resourceWatcherService,
      ScriptService scriptService,
      NamedXContentRegistry xContentRegistry,
      Environment environment,
      NodeEnvironment nodeEnvironment,
      NamedWriteableRegistry namedWriteableRegistry,
      IndexNameExpressionResolver indexNameResolver,
      Supplier<RepositoriesService> repositoriesService) {
    Settings settings = environment.settings();
    client =
        new GrpcRerankClient(
            settings, Secrets.read(settings), environment.configDir(), threadPool, stats);
    clusterService
        .getClusterSettings()
        .addSettingsUpdateConsumer(changed -> client.apply(changed), ClientSettings.dynamic());
    search =
        new SearchParts(
            () -> client,
            this::deadline,
            stats,
            clusterService,
            indexNameResolver,
            namedWriteableRegistry,
            threadPool,
            nodeClient,
            settings);
    return List.of(stats, client, new ClientState(client::state));
  }

  private TimeValue deadline() {
    return client.deadline();
  }

  @Override
  public void reload(Settings settings) {
    client.apply(Secrets.read(settings));
  }

  @Override
  public List<Setting<?>> getSettings() {
    List<Setting<?>> settings = new ArrayList<>(ClientSettings.dynamic());
    settings.addAll(ClientSettings.secure());
    settings.addAll(SearchParts.settings());
    return settings;
  }

  @Override
  public List<ExecutorBuilder<?>> getExecutorBuilders(Settings settings) {
    int threads = OpenSearchExecutors.allocatedProcessors(settings);
    return List.of(
        new FixedExecutorBuilder(
            settings, GrpcRerankClient.POOL, threads, QUEUE, "reshelf.thread_pool"));
  }

  @Override
  public List<ActionHandler<?, ?>> getActions() {
    return List.of(
        new ActionHandler<>(ReshelfStatsAction.INSTANCE, TransportReshelfStatsAction.class));
  }

  @Override
  public List<RestHandler> getRestHandlers(
      Settings settings,
      RestController restController,
      ClusterSettings clusterSettings,
      IndexScopedSettings indexScopedSettings,
      SettingsFilter settingsFilter,
      IndexNameExpressionResolver indexNameResolver,
      Supplier<DiscoveryNodes> nodes) {
    return List.of(new RestReshelfStatsAction());
  }

  @Override
  public Collection<RestHeaderDefinition> getRestHeaders() {
    return SearchParts.restHeaders(nodeSettings);
  }

  @Override
  public List<ActionFilter> getActionFilters() {
    return search.actionFilters();
  }

  @Override
  public List<SearchExtSpec<?>> getSearchExts() {
    return SearchParts.searchExtensions(nodeSettings);
  }

  @Override
  public List<NamedWriteableRegistry.Entry> getNamedWriteables() {
    return SearchParts.namedWriteables();
  }

  @Override
  public Map<String, Processor.Factory<SearchRequestProcessor>> getRequestProcessors(
      Parameters parameters) {
    return search.requestProcessors();
  }

  @Override
  public Map<String, Processor.Factory<SearchResponseProcessor>> getResponseProcessors(
      Parameters parameters) {
    return search.responseProcessors();
  }

  @Override
  public void close() throws IOException {
    GrpcRerankClient made = client;
    if (made != null) {
      made.close();
    }
  }
}
