package org.reshelf.opensearch.search;

import java.util.function.ToLongBiFunction;
import org.opensearch.common.cache.Cache;
import org.opensearch.common.cache.CacheBuilder;
import org.opensearch.common.settings.ClusterSettings;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;

/**
 * Remembers for a short while how each query's window was decided, so that page 2 continues page 1.
 *
 * <p>Bounded in number and in time, and only in this node's memory: a page that finds nothing here
 * asks the sidecar itself.
 */
final class PageMemory {

  /** A decision with explanations or descriptions holds some fifty times as much as one without. */
  private static final ToLongBiFunction<PageKey, Decision> WEIGHT =
      (key, decision) -> decision.explained() || decision.layout().items().length > 0 ? 50 : 1;

  private volatile TimeValue timeToLive;
  private volatile int maxEntries;
  private volatile boolean keepsFirstPage;
  private volatile Cache<PageKey, Decision> cache;

  /** Spares searches behind their window a look, where no rule ever changed a list's length. */
  private volatile boolean everShifted;

  PageMemory(TimeValue timeToLive, int maxEntries) {
    this.timeToLive = timeToLive;
    this.maxEntries = maxEntries;
    rebuild();
  }

  PageMemory(Settings nodeSettings, ClusterSettings clusterSettings) {
    this(
        SearchSettings.PAGES_TTL.get(nodeSettings),
        SearchSettings.PAGES_MAX_ENTRIES.get(nodeSettings));
    keepsFirstPage = SearchSettings.PAGES_KEEP_FIRST.get(nodeSettings);
    clusterSettings.addSettingsUpdateConsumer(
        SearchSettings.PAGES_KEEP_FIRST, value -> keepsFirstPage = value);
    clusterSettings.addSettingsUpdateConsumer(
        SearchSettings.PAGES_TTL,
        value -> {
          timeToLive = value;
          rebuild();
        });
    clusterSettings.addSettingsUpdateConsumer(
        SearchSettings.PAGES_MAX_ENTRIES,
        value -> {
          maxEntries = value;
          rebuild();
        });
  }

  private synchronized void rebuild() {
    cache =
        maxEntries == 0
            ? null
            : CacheBuilder.<PageKey, Decision>builder()
                .setMaximumWeight(maxEntries)
                .setExpireAfterWrite(timeToLive)
                .weigher(WEIGHT)
                .build();
  }

  /**
   * Whether a page may use a remembered order where the sidecar gives none. A further page always
   * may: it continues the pages before it.
   */
  boolean standsIn(int from) {
    return from > 0 || keepsFirstPage;
  }

  /** The decision for a query, or null where none is alive. */
  Decision find(PageKey key) {
    Cache<PageKey, Decision> current = cache;
    return key == null || current == null ? null : current.get(key);
  }

  /**
   * Remembers a decision in place of an earlier one.
   *
   * @param key null where the query cannot be told from others: nothing is remembered
   */
  void remember(PageKey key, Decision decision) {
    Cache<PageKey, Decision> current = cache;
    if (key != null && current != null) {
      current.put(key, decision);
      if (decision.shifts()) {
        everShifted = true;
      }
    }
  }

  /** The decision for a query that changed how long its list is, or null where none is alive. */
  Decision findShifted(PageKey key) {
    Decision found = everShifted ? find(key) : null;
    return found != null && found.shifts() ? found : null;
  }

  /** Whether {@link #findShifted} may find anything. */
  boolean mayHoldShifted() {
    return everShifted;
  }
}
