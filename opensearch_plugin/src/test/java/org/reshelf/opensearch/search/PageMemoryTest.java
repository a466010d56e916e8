package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.common.settings.ClusterSettings;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.search.SearchHit;
import org.opensearch.search.builder.SearchSourceBuilder;

class PageMemoryTest {

  private static final TimeValue MINUTE = TimeValue.timeValueMinutes(1);
  private static final String QUERY = "\"query\": {\"match\": {\"title\": \"red shoes\"}}";

  private static PageKey key(String body) {
    return key(new SearchRequest("products").source(Parsing.search(body)));
  }

  private static PageKey key(SearchRequest request) {
    return PageKey.of(
        request, new SearchWindow(0, 10, 100), Searcher.UNKNOWN, List.of("red shoes", ""));
  }

  @Test
  void aDecisionIsFoundUntilItsTimeIsOver() throws InterruptedException {
    PageMemory memory = new PageMemory(TimeValue.timeValueMillis(50), 10);
    memory.remember(key("{}"), Decision.FELL_OPEN);
    assertSame(Decision.FELL_OPEN, memory.find(key("{}")));
    Thread.sleep(80);
    assertNull(memory.find(key("{}")));
  }

  @Test
  void itHoldsNoMoreThanItMay() {
    PageMemory memory = new PageMemory(MINUTE, 10);
    for (int i = 0; i < 1_000; i++) {
      memory.remember(new PageKey(i, i), Decision.FELL_OPEN);
    }
    int found = 0;
    for (int i = 0; i < 1_000; i++) {
      found += memory.find(new PageKey(i, i)) == null ? 0 : 1;
    }
    assertEquals(10, found);
  }

  @Test
  void settingsApplyAtOnceAndZeroSwitchesItOff() {
    ClusterSettings settings =
        new ClusterSettings(Settings.EMPTY, Set.copyOf(SearchSettings.all()));
    PageMemory memory = new PageMemory(Settings.EMPTY, settings);
    memory.remember(key("{}"), Decision.FELL_OPEN);
    assertNotNull(memory.find(key("{}")));
    settings.applySettings(Settings.builder().put("reshelf.pages.max_entries", 0).build());
    memory.remember(key("{}"), Decision.FELL_OPEN);
    assertNull(memory.find(key("{}")));
    settings.applySettings(Settings.builder().put("reshelf.pages.max_entries", 5).build());
    memory.remember(key("{}"), Decision.FELL_OPEN);
    assertNotNull(memory.find(key("{}")));
  }

  @Test
  void whatHasNoKeyIsNotRemembered() {
    PageMemory memory = new PageMemory(MINUTE, 10);
    memory.remember(null, Decision.FELL_OPEN);
    assertNull(memory.find(null));
    SearchSourceBuilder unwritable = new SearchSourceBuilder().query(new HybridLikeQuery(null));
    assertNull(key(new SearchRequest("products").source(unwritable)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"from\": 10",
        "\"size\": 3",
        "\"_source\": false",
        "\"explain\": true",
        "\"aggs\": {\"b\": {\"terms\": {\"field\": \"brand\"}}}",
        "\"highlight\": {\"fields\": {\"title\": {}}}",
        "\"track_total_hits\": false",
        "\"timeout\": \"1s\"",
        "\"fields\": [\"price\"]",
        "\"sort\": [\"_score\"]",
      })
  void pagesOfOneQueryShareAKey(String difference) {
    assertEquals(key("{" + QUERY + "}"), key("{" + QUERY + ", " + difference + "}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"post_filter\": {\"term\": {\"brand\": \"nike\"}}",
        "\"min_score\": 1",
        "\"collapse\": {\"field\": \"brand\"}",
        "\"terminate_after\": 10",
        "\"indices_boost\": [{\"products\": 2}]",
        "\"rescore\": {\"query\": {\"rescore_query\": {\"match\": {\"a\": \"b\"}}}}",
        "\"pit\": {\"id\": \"abc\"}",
      })
  void whatChangesTheHitsChangesTheKey(String difference) {
    assertNotEquals(key("{" + QUERY + "}"), key("{" + QUERY + ", " + difference + "}"));
  }

  @Test
  void indicesRoutingShopperAndTextChangeTheKey() {
    SearchSourceBuilder source = Parsing.search("{" + QUERY + "}");
    SearchRequest request = new SearchRequest("products").source(source);
    SearchWindow window = new SearchWindow(0, 10, 100);
    PageKey base = PageKey.of(request, window, Searcher.UNKNOWN, List.of("red shoes"));
    Searcher shopper = new Searcher(Map.of("user_id", "u1"), null);
    Searcher denied = new Searcher(Map.of(), false);
    Searcher crawler = new Searcher(Map.of(), null, true);
    Searcher segment = new Searcher(Map.of("segments", "vip"), null);
    Searcher arm = new Searcher(Map.of("experiments", "grid\tb"), null);
    assertEquals(base, PageKey.of(request, window, Searcher.UNKNOWN, List.of("red shoes")));
    assertEquals(
        base,
        PageKey.of(request, new SearchWindow(20, 5, 100), Searcher.UNKNOWN, List.of("red shoes")));
    for (PageKey other :
        List.of(
            PageKey.of(request, window, shopper, List.of("red shoes")),
            PageKey.of(request, window, denied, List.of("red shoes")),
            PageKey.of(request, window, crawler, List.of("red shoes")),
            PageKey.of(request, window, segment, List.of("red shoes")),
            PageKey.of(request, window, arm, List.of("red shoes")),
            PageKey.of(request, window, Searcher.UNKNOWN, List.of("red")),
            PageKey.of(
                request, new SearchWindow(0, 10, 50), Searcher.UNKNOWN, List.of("red shoes")),
            PageKey.of(
                new SearchRequest("other").source(source),
                window,
                Searcher.UNKNOWN,
                List.of("red shoes")),
            PageKey.of(
                new SearchRequest("products").source(source).routing("r"),
                window,
                Searcher.UNKNOWN,
                List.of("red shoes")))) {
      assertNotEquals(base, other);
    }
  }

  @Test
  void theFingerprintOfHitsIsThatOfTheirOrderedIds() throws IOException {
    SearchHit[] one = {hit("a"), hit("b"), hit("c")};
    SearchHit[] same = {hit("a"), hit("b"), hit("d")};
    SearchHit[] swapped = {hit("b"), hit("a")};
    assertEquals(PageKey.ofHits(one, 2), PageKey.ofHits(same, 2));
    assertNotEquals(PageKey.ofHits(one, 3), PageKey.ofHits(same, 3));
    assertNotEquals(PageKey.ofHits(one, 2), PageKey.ofHits(swapped, 2));
  }

  private static SearchHit hit(String id) {
    return new SearchHit(0, id, Map.of(), Map.of());
  }
}
