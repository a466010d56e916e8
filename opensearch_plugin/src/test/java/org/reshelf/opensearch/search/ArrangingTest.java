package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.lucene.search.TotalHits;
import org.junit.jupiter.api.Test;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.action.search.SearchResponse.Clusters;
import org.opensearch.action.search.ShardSearchFailure;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.index.query.BoolQueryBuilder;
import org.opensearch.index.query.IdsQueryBuilder;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.internal.InternalSearchResponse;
import org.reshelf.opensearch.stats.ReshelfStats;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RerankResponse;

/** The list that rules change, cut into pages over an index in memory. */
class ArrangingTest {

  private static final int DEEPEST = 60;

  private final ReshelfStats stats = new ReshelfStats();

  /** Ids that the search finds, best first. */
  private List<String> found = List.of();

  /** Ids that are there besides. */
  private Set<String> others = Set.of();

  private TimeValue timeLeft = TimeValue.timeValueMillis(100);
  private Predicate<SearchRequest> fails = request -> false;
  private boolean defect;

  /** What the sidecar wants to be asked of documents, and the one that answers that. */
  private String check = "";

  private final ReadySidecar sidecar =
      (question, within, listener) -> {
        assertEquals(check, question.getLayout().getCheck());
        RerankResponse.Builder answer = RerankResponse.newBuilder().setCheck(check);
        for (int i = 0; i < question.getColumns().getIdsCount(); i++) {
          if (question.getColumns().getIds(i).equals("sold-out")) {
            answer.addRemoved(i + 1);
          } else {
            answer.getRankedBuilder().addRanks(i + 1).addScores(0);
          }
        }
        listener.onResponse(answer.build());
      };

  private final List<SearchRequest> asked = new ArrayList<>();

  private static SearchHit hit(String id) {
    SearchHit hit = new SearchHit(0, id, Map.of(), Map.of());
    hit.score(1);
    return hit;
  }

  private static Set<String> idsIn(QueryBuilder query) {
    Set<String> ids = new HashSet<>();
    if (query instanceof IdsQueryBuilder own) {
      ids.addAll(own.ids());
    } else if (query instanceof BoolQueryBuilder bool) {
      for (List<QueryBuilder> clauses : List.of(bool.filter(), bool.should(), bool.mustNot())) {
        clauses.forEach(clause -> ids.addAll(idsIn(clause)));
      }
    }
    return ids;
  }

  /** What an index answers: documents by id, or a stretch of what the search finds. */
  private SearchResponse index(SearchSourceBuilder source) {
    List<SearchHit> hits = new ArrayList<>();
    Set<String> wanted = idsIn(source.query());
    if (!wanted.isEmpty()) {
      for (String id : wanted) {
        boolean anyway = found.contains(id);
        if (anyway || others.contains(id)) {
          hits.add(hit(id));
          Map<String, Float> names = anyway ? Map.of("reshelf.clients_query", 1f) : Map.of();
          hits.getLast().matchedQueriesWithScores(names);
        }
      }
    } else {
      Set<String> not = idsIn(source.postFilter());
      List<String> left = found.stream().filter(id -> !not.contains(id)).toList();
      int from = Math.max(0, source.from());
      assertTrue(from + source.size() <= DEEPEST, "OpenSearch would refuse this search");
      left.stream().skip(from).limit(source.size()).forEach(id -> hits.add(hit(id)));
    }
    TotalHits total = new TotalHits(found.size(), TotalHits.Relation.EQUAL_TO);
    SearchHits all = new SearchHits(hits.toArray(SearchHit[]::new), total, 1);
    return new SearchResponse(
        new InternalSearchResponse(all, null, null, null, false, false, 1),
        null,
        1,
        1,
        0,
        1,
        ShardSearchFailure.EMPTY_ARRAY,
        Clusters.EMPTY);
  }

  private void search(
      SearchRequest request, TimeValue within, ActionListener<SearchResponse> listener) {
    asked.add(request);
    if (fails.test(request)) {
      listener.onFailure(new IllegalStateException("said so by a test"));
    } else {
      listener.onResponse(index(request.source()));
    }
  }

  private Predicate<String> wordFields() {
    if (defect) {
      throw new IllegalStateException("said so by a test");
    }
    return field -> true;
  }

  private static SearchPlan plan(SearchWindow window, Decision earlier) {
    SearchPlan plan =
        Plans.of(null, window, SourceView.of(new SearchSourceBuilder(), List.of()), List.of());
    return earlier == null ? plan : plan.after(earlier);
  }

  private Arranging.Arranged page(SearchPlan plan, Decision decision) {
    SearchSourceBuilder source = new SearchSourceBuilder().size((int) plan.hitsToFetch());
    SearchRequest request = new SearchRequest("products").source(source);
    List<Arranging.Arranged> arranged = new ArrayList<>();
    new Arranging(
            plan,
            request,
            index(source).getHits(),
            decision,
            parts(),
            new DocumentCheck(plan, parts(), check),
            () -> timeLeft,
            ActionListener.wrap(
                arranged::add,
                failure -> {
                  throw new AssertionError(failure);
                }))
        .run();
    assertEquals(1, arranged.size());
    return arranged.getFirst();
  }

  private RerankProcessor.Parts parts() {
    return new RerankProcessor.Parts(
        () -> sidecar, null, stats, null, this::search, any -> wordFields());
  }

  private static List<String> ids(SearchHits hits) {
    return Arrays.stream(hits.getHits()).map(SearchHit::getId).toList();
  }

  private static Decision decision(List<Integer> order, int candidates, Object... documents) {
    List<Fetched> fetched = new ArrayList<>();
    for (int i = 0; i < documents.length; i += 2) {
      fetched.add(
          new Fetched(
              (String) documents[i], "", (int) documents[i + 1], "rule", Fetched.Presence.UNKNOWN));
    }
    short[] places = new short[order.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = order.get(i).shortValue();
    }
    return new Decision(
        places, candidates, 0, null, Map.of(), List.of(), fetched, LayoutNotes.NONE);
  }

  private static List<String> numbered(int count) {
    return IntStream.range(0, count).mapToObj(number -> "d" + number).toList();
  }

  @Test
  void pagesOfAnySizesHoldEverythingOnce() {
    Random random = new Random(7);
    for (int trial = 0; trial < 3_000; trial++) {
      found = numbered(random.nextInt(50));
      others = Set.of("x0", "x1", "x2");
      int window = 1 + random.nextInt(20);
      int candidates = Math.min(window, found.size());
      List<Integer> order = new ArrayList<>();
      for (int i = candidates - 1; i >= 0; i--) {
        if (random.nextInt(4) > 0) {
          order.add(i);
        }
      }
      List<String> list = new ArrayList<>(order.stream().map(place -> "d" + place).toList());
      List<Object> documents = new ArrayList<>();
      int place = 0;
      for (int i = random.nextInt(4); i > 0; i--) {
        place += 1 + random.nextInt(8);
        boolean gone = random.nextInt(4) == 0;
        boolean deep = found.size() > window && random.nextBoolean();
        int behind = deep ? window + random.nextInt(found.size() - window) : 0;
        String id = gone ? "gone" + i : deep ? "d" + behind : "x" + i % 3;
        if (!documents.contains(id)) {
          documents.add(id);
          documents.add(place);
          if (!gone) {
            list.add(Math.min(place - 1, list.size()), id);
          }
        }
      }
      int head = list.size();
      found.stream().skip(candidates).filter(id -> !documents.contains(id)).forEach(list::add);
      Decision decision = decision(order, candidates, documents.toArray());
      if (!decision.shifts()) {
        continue;
      }
      List<String> seen = new ArrayList<>();
      Decision known = null;
      for (int from = 0; from < 55; ) {
        int size = Math.min(1 + random.nextInt(15), DEEPEST - from);
        SearchPlan plan = plan(new SearchWindow(from, size, window, DEEPEST), known);
        if (plan.aside() == null) {
          asked.clear();
          Arranging.Arranged arranged = page(plan, known == null ? decision : known);
          assertTrue(known == null || asked.size() <= 1, "documents only, or nothing");
          seen.addAll(ids(arranged.page()));
          known = arranged.decision();
          assertEquals(head, known.order().length);
        } else {
          assertEquals(StepAside.BEYOND_WINDOW, plan.aside());
          Set<String> not = new HashSet<>(known.there().stream().map(Fetched::id).toList());
          found.stream()
              .filter(id -> !not.contains(id))
              .skip(plan.firstBehind())
              .limit(size)
              .forEach(seen::add);
        }
        from += size;
      }
      assertEquals(list.stream().limit(55).toList(), seen.stream().limit(55).toList());
    }
  }

  @Test
  void aPageThatNeedsNothingAsksForNothing() {
    found = numbered(30);
    Decision decision = decision(List.of(3, 1, 0), 5);
    SearchPlan plan = plan(new SearchWindow(0, 2, 5, DEEPEST), null);
    Arranging.Arranged arranged = page(plan, decision);
    assertEquals(List.of("d3", "d1"), ids(arranged.page()));
    assertEquals(List.of(), asked);
    assertEquals(decision, arranged.decision());
  }

  @Test
  void documentsThatFailToComeLeaveTheirPlacesToTheHitsBelow() {
    found = numbered(30);
    others = Set.of("x");
    fails = request -> !idsIn(request.source().query()).isEmpty();
    Decision decision = decision(List.of(4, 3, 2, 1, 0), 5, "x", 2);
    Arranging.Arranged arranged = page(plan(new SearchWindow(0, 6, 5, DEEPEST), null), decision);
    assertEquals(List.of("d4", "d3", "d2", "d1", "d0", "d5"), ids(arranged.page()));
    assertEquals(Fetched.Presence.MISSING, arranged.decision().fetched().getFirst().presence());
    assertEquals(1L, stats.asMap().get("pins_missing"));
    assertEquals(0L, stats.asMap().get("pins_fetched"));
  }

  @Test
  void documentsThatRulesHideAreLeftOutOnAllPages() {
    found = numbered(30);
    others = Set.of("x", "sold-out");
    check = "opaque";
    Decision decision = decision(List.of(4, 3, 2, 1, 0), 5, "sold-out", 1, "x", 4);
    Arranging.Arranged arranged = page(plan(new SearchWindow(0, 3, 5, DEEPEST), null), decision);
    assertEquals(List.of("d4", "d3", "d2"), ids(arranged.page()));
    assertEquals(
        List.of(Fetched.Presence.MISSING, Fetched.Presence.THERE),
        arranged.decision().fetched().stream().map(Fetched::presence).toList());
    assertEquals(1L, stats.asMap().get("pins_missing"));
    check = "";
    Decision known = arranged.decision();
    arranged = page(plan(new SearchWindow(3, 4, 5, DEEPEST), known), known);
    assertEquals(List.of("x", "d1", "d0", "d5"), ids(arranged.page()));
  }

  @Test
  void whereNoTimeIsLeftNobodyIsAsked() {
    found = numbered(30);
    others = Set.of("x");
    timeLeft = TimeValue.ZERO;
    Decision decision = decision(List.of(2, 1), 5, "x", 1);
    Arranging.Arranged arranged = page(plan(new SearchWindow(0, 4, 5, DEEPEST), null), decision);
    assertEquals(List.of("d2", "d1"), ids(arranged.page()));
    assertEquals(List.of(), asked);
  }

  @Test
  void aDefectInAskingForDocumentsDoesNotShowWhatIsHidden() {
    found = numbered(30);
    others = Set.of("x");
    defect = true;
    Decision decision = decision(List.of(2, 1), 5, "x", 1);
    Arranging.Arranged arranged = page(plan(new SearchWindow(0, 2, 5, DEEPEST), null), decision);
    assertEquals(List.of("d2", "d1"), ids(arranged.page()));
  }

  @Test
  void aDocumentThatGoesBetweenPagesIsMissedFromThenOn() {
    found = numbered(30);
    others = Set.of("x");
    Decision decision = decision(List.of(4, 3, 2, 1, 0), 5, "x", 4);
    SearchWindow first = new SearchWindow(0, 3, 5, DEEPEST);
    Arranging.Arranged arranged = page(plan(first, null), decision);
    assertEquals(List.of("d4", "d3", "d2"), ids(arranged.page()));
    Decision known = arranged.decision();
    assertEquals(Fetched.Presence.THERE, known.fetched().getFirst().presence());
    others = Set.of();
    arranged = page(plan(new SearchWindow(3, 3, 5, DEEPEST), known), known);
    assertEquals(List.of("d1", "d0", "d5"), ids(arranged.page()));
    known = arranged.decision();
    assertEquals(6, plan(new SearchWindow(6, 3, 5, DEEPEST), known).firstBehind());
  }

  @Test
  void theSearchForDocumentsHasThePartsThatShowThem() {
    String body =
        """
        {"query": {"bool": {"must": [{"match": {"t": "red"}}], "filter": [{"term": {"b": 1}}]}},
         "post_filter": {"term": {"c": 2}}, "_source": false, "version": true, "explain": true,
         "seq_no_primary_term": true, "stored_fields": ["s"], "docvalue_fields": ["d"],
         "fields": ["f"], "script_fields": {"x": {"script": "1"}}, "sort": ["_score"],
         "highlight": {"fields": {"t": {}}}, "min_score": 3, "track_total_hits": true,
         "indices_boost": [{"products": 2}], "collapse": {"field": "brand"}, "size": 100,
         "aggs": {"a": {"terms": {"field": "b"}}}, "pit": {"id": "abc"}}\
        """;
    SearchRequest request =
        new SearchRequest("products")
            .source(Parsing.search(body))
            .routing("r")
            .preference("p")
            .pipeline("reshelf");
    SearchPlan plan = plan(new SearchWindow(0, 10, 100, DEEPEST), null);
    SourceView view = SourceView.of(request.source(), List.of("t"));
    List<Fetched> wanted =
        List.of(
            new Fetched("x", "one", 1, "r", Fetched.Presence.UNKNOWN),
            new Fetched("y", "other", 2, "r", Fetched.Presence.UNKNOWN));
    SearchRequest documents =
        FollowUp.documents(request, with(plan, view), wanted, field -> true, false);
    assertEquals("_none", documents.pipeline());
    assertEquals(
        List.of("r", "p", "products"),
        List.of(documents.routing(), documents.preference(), documents.indices()[0]));
    SearchSourceBuilder source = documents.source();
    assertEquals(Set.of("x", "y"), idsIn(source.query()));
    List<QueryBuilder> filters = ((BoolQueryBuilder) source.query()).filter();
    assertEquals(2, filters.size());
    assertEquals(request.source().postFilter(), source.postFilter());
    assertEquals(2, source.size());
    assertEquals(false, source.fetchSource().fetchSource());
    SearchSourceBuilder read =
        FollowUp.documents(request, with(plan, view), wanted, field -> true, true).source();
    assertEquals(List.of("t"), List.of(read.fetchSource().includes()));
    assertEquals(List.of("s"), source.storedFields().fieldNames());
    assertEquals(
        List.of("d", "brand"), source.docValueFields().stream().map(f -> f.field).toList());
    assertEquals("f", source.fetchFields().getFirst().field);
    assertEquals("x", source.scriptFields().getFirst().fieldName());
    assertTrue(source.version() && source.explain() && source.seqNoAndPrimaryTerm());
    assertNotNull(source.highlighter());
    assertEquals(request.source().sorts(), source.sorts());
    assertEquals("abc", source.pointInTimeBuilder().getId());
    assertNull(source.aggregations());
    assertNull(source.collapse());
    assertNull(source.minScore());

    SearchSourceBuilder further =
        FollowUp.further(request, with(plan, view), 7, 5, wanted).source();
    assertEquals(request.source().query(), further.query());
    assertEquals(Set.of("x", "y"), idsIn(further.postFilter()));
    assertEquals(List.of(7, 5), List.of(further.from(), further.size()));
    assertEquals(3f, further.minScore());
    assertEquals("brand", further.collapse().getField());
    assertNull(further.aggregations());
    assertEquals(
        request.source().postFilter(),
        FollowUp.further(request, with(plan, view), 7, 5, List.of()).source().postFilter());
  }

  private static SearchPlan with(SearchPlan plan, SourceView view) {
    return Plans.of(null, plan.window(), view, List.of());
  }
}
