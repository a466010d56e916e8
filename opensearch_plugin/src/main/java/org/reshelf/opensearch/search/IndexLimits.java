package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.opensearch.action.search.SearchContextId;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.cluster.ClusterState;
import org.opensearch.cluster.metadata.IndexMetadata;
import org.opensearch.cluster.metadata.IndexNameExpressionResolver;
import org.opensearch.cluster.metadata.MappingMetadata;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.core.common.io.stream.NamedWriteableRegistry;
import org.opensearch.core.index.Index;
import org.opensearch.core.index.shard.ShardId;
import org.opensearch.index.IndexSettings;

/**
 * What the indices of one search allow.
 *
 * @param maxResultWindow the smallest `index.max_result_window` among them
 * @param sourceMissing whether one of them keeps no `_source`, so that filtering it fails a search
 */
record IndexLimits(int maxResultWindow, boolean sourceMissing) {

  /** OpenSearch's default, which stands for indices that are not known here: of other clusters. */
  static final IndexLimits DEFAULT = new IndexLimits(10_000, false);

  /** Reads the limits from the cluster state. */
  static final class Reader {

    /** Mappings looked into so far; a bound against clusters that make indices all day. */
    private static final int MAPPINGS_KEPT = 10_000;

    private final ClusterService clusterService;
    private final IndexNameExpressionResolver resolver;
    private final NamedWriteableRegistry namedWriteables;

    /** Whether a mapping switches `_source` off, by index and mapping version. */
    private final Map<String, Boolean> withoutSource = new ConcurrentHashMap<>();

    /**
     * The document's field where a mapping takes its values as they are, or empty, by index,
     * mapping version and field.
     */
    private final Map<String, String> exact = new ConcurrentHashMap<>();

    Reader(
        ClusterService clusterService,
        IndexNameExpressionResolver resolver,
        NamedWriteableRegistry namedWriteables) {
      this.clusterService = clusterService;
      this.resolver = resolver;
      this.namedWriteables = namedWriteables;
    }

    IndexLimits of(SearchRequest request) {
      int smallest = Integer.MAX_VALUE;
      boolean sourceMissing = false;
      for (IndexMetadata index : indices(request)) {
        smallest =
            Math.min(smallest, IndexSettings.MAX_RESULT_WINDOW_SETTING.get(index.getSettings()));
        sourceMissing |= withoutSource(index);
      }
      return smallest == Integer.MAX_VALUE ? DEFAULT : new IndexLimits(smallest, sourceMissing);
    }

    private boolean withoutSource(IndexMetadata index) {
      MappingMetadata mapping = index.mapping();
      if (mapping == null) {
        return false;
      }
      if (withoutSource.size() > MAPPINGS_KEPT) {
        withoutSource.clear();
      }
      return withoutSource.computeIfAbsent(
          index.getIndexUUID() + "@" + index.getMappingVersion(),
          key ->
              mapping.sourceAsMap().get("_source") instanceof Map<?, ?> source
                  && "false".equals(String.valueOf(source.get("enabled"))));
    }

    /**
     * Tells the fields of a search in which words are looked for: all but those that one of the
     * indices takes as they are, such as keywords and numbers.
     */
    Predicate<String> wordFields(SearchRequest request) {
      UnaryOperator<String> exact = exactFields(request);
      return field -> exact.apply(field).isEmpty();
    }

    /**
     * Tells, of the other fields of a search, the document's field by its full path (of {@code
     * brand.keyword} it is {@code brand}); empty for those in which words are looked for.
     */
    UnaryOperator<String> exactFields(SearchRequest request) {
      List<IndexMetadata> indices = indices(request);
      return field ->
          indices.stream()
              .map(index -> exact(index, field))
              .filter(found -> !found.isEmpty())
              .findFirst()
              .orElse("");
    }

    private String exact(IndexMetadata index, String field) {
      MappingMetadata mapping = index.mapping();
      if (mapping == null) {
        return "";
      }
      if (exact.size() > MAPPINGS_KEPT) {
        exact.clear();
      }
      return exact.computeIfAbsent(
          index.getIndexUUID() + "@" + index.getMappingVersion() + "/" + field,
          key -> Objects.requireNonNullElse(MappedField.exact(mapping.sourceAsMap(), field), ""));
    }

    private List<IndexMetadata> indices(SearchRequest request) {
      ClusterState state = clusterService.state();
      List<IndexMetadata> found = new ArrayList<>();
      try {
        if (request.pointInTimeBuilder() != null) {
          for (ShardId shard :
              SearchContextId.decode(namedWriteables, request.pointInTimeBuilder().getId())
                  .shards()
                  .keySet()) {
            add(found, state.metadata().index(shard.getIndex()));
          }
        } else {
          for (Index index : resolver.concreteIndices(state, request)) {
            add(found, state.metadata().index(index));
          }
        }
      } catch (RuntimeException e) {
        // A name that this cluster does not know, or an id that is none: OpenSearch will say so.
        return List.of();
      }
      return found;
    }

    private static void add(List<IndexMetadata> found, IndexMetadata index) {
      if (index != null) {
        found.add(index);
      }
    }
  }
}
