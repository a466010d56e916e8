package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.lucene.search.TotalHits;
import org.junit.jupiter.api.Test;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.action.search.SearchResponse.Clusters;
import org.opensearch.action.search.ShardSearchFailure;
import org.opensearch.common.settings.ClusterSettings;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.common.bytes.BytesArray;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.SearchExtBuilder;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.internal.InternalSearchResponse;
import org.opensearch.search.pipeline.PipelineProcessingContext;
import org.opensearch.search.pipeline.SearchResponseProcessor;
import org.reshelf.opensearch.client.RerankClient;
import org.reshelf.opensearch.client.RerankFailure;
import org.reshelf.opensearch.stats.ReshelfStats;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.CandidateColumns;
import org.reshelf.v1.FetchedHit;
import org.reshelf.v1.FieldFilter;
import org.reshelf.v1.LayoutWish;
import org.reshelf.v1.RankedHit;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

class RerankingTest {

  private static final int WINDOW = 6;

  /** A sidecar in memory: turns the list round, or does what a test tells it to. */
  private static final class Sidecar implements RerankClient {
    private final List<RerankRequest> asked = new ArrayList<>();
    private Exception failure;
    private RuntimeException thrown;
    private boolean garbage;
    private boolean twice;
    private boolean removesBest;
    private boolean hasNothingToDo;
    private String fetches;

    /** How long past every deadline it answers, in milliseconds. */
    private long late;

    @Override
    public boolean available() {
      return true;
    }

    @Override
    public void rerank(
        RerankRequest request, TimeValue deadline, ActionListener<RerankResponse> listener) {
      asked.add(request);
      if (thrown != null) {
        throw thrown;
      }
      if (failure != null) {
        listener.onFailure(failure);
        return;
      }
      if (late > 0) {
        try {
          Thread.sleep(deadline.millis() + late);
        } catch (InterruptedException interrupted) {
          throw new AssertionError(interrupted);
        }
      }
      RerankResponse.Builder answer = RerankResponse.newBuilder().setReranked(!hasNothingToDo);
      int count = request.getColumns().getIdsCount();
      if (removesBest) {
        answer.addRemoved(count--);
      }
      if (fetches != null) {
        answer.addFetch(FetchedHit.newBuilder().setId(fetches).setPlace(1).setRule("r"));
      }
      for (int i = count - 1; i >= 0; i--) {
        int rank = garbage ? 0 : i + 1;
        if (request.getExplain()) {
          answer.addHits(
              RankedHit.newBuilder()
                  .setId(request.getColumns().getIds(i))
                  .setRank(rank)
                  .setScore(i));
        } else {
          answer.getRankedBuilder().addRanks(rank).addScores(i);
        }
      }
      listener.onResponse(answer.build());
      if (twice) {
        listener.onResponse(answer.build());
      }
    }
  }

  private final Sidecar sidecar = new Sidecar();
  private final ReshelfStats stats = new ReshelfStats();
  private PageMemory memory = new PageMemory(TimeValue.timeValueMinutes(1), 100);
  private final AtomicInteger answers = new AtomicInteger();
  private final List<SearchRequest> followUps = new ArrayList<>();
  private ReshelfExt asked;
  private String words = "red shoes";
  private Map<String, Object> options = Map.of();

  private static SearchHit hit(int number) {
    SearchHit hit = new SearchHit(number, "d" + number, Map.of(), Map.of());
    hit.score(100 - number);
    hit.sourceRef(new BytesArray("{\"title\": \"number " + number + "\", \"price\": 1}"));
    return hit;
  }

  /** What OpenSearch's first stage answers: ten hits, as many as were asked for. */
  private static SearchResponse fetched(SearchWindow window, int matches) {
    int count = (int) Math.min(window.hitsToFetch(), matches);
    SearchHit[] hits =
        IntStream.range(0, count).mapToObj(RerankingTest::hit).toArray(SearchHit[]::new);
    Object[] values = Arrays.stream(hits).map(SearchHit::getId).toArray();
    SearchHits all =
        new SearchHits(
            hits, new TotalHits(matches, TotalHits.Relation.EQUAL_TO), 100, null, "group", values);
    return new SearchResponse(
        new InternalSearchResponse(all, null, null, null, false, true, 3),
        null,
        5,
        4,
        1,
        7,
        null,
        ShardSearchFailure.EMPTY_ARRAY,
        Clusters.EMPTY,
        "pit");
  }

  private SearchResponse search(int from, int size) {
    return search(from, size, 10);
  }

  private SearchResponse search(int from, int size, int matches) {
    SearchWindow window = new SearchWindow(from, size, WINDOW);
    SearchSourceBuilder source = Parsing.search("{\"_source\": [\"price\"]}");
    List<String> fields = List.of("title");
    SearchPlan plan =
        new SearchPlan(
            null,
            asked,
            window,
            SourceView.of(source, fields),
            fields,
            100,
            words,
            List.of(FieldFilter.newBuilder().setField("category").addValues("Shoes").build()),
            "q1",
            "products",
            "default",
            new Searcher(Map.of("user_id", "u1"), true),
            new PageKey(1, 1),
            1_500,
            null);
    return process(plan, fetched(window, matches));
  }

  private SearchResponse process(SearchPlan plan, SearchResponse response) {
    PipelineProcessingContext context = new PipelineProcessingContext();
    if (plan != null) {
      plan.handOver(context);
    }
    List<SearchResponse> answered = new ArrayList<>();
    processor()
        .processResponseAsync(
            new SearchRequest()
                .source(
                    new SearchSourceBuilder()
                        .size(Math.max(1, response.getHits().getHits().length))),
            response,
            context,
            ActionListener.wrap(
                answer -> {
                  answers.incrementAndGet();
                  answered.add(answer);
                },
                failure -> {
                  throw new AssertionError(failure);
                }));
    assertEquals(1, answered.size(), "the listener is called exactly once");
    return answered.getFirst();
  }

  /** What OpenSearch answers to a search for hits behind those that it gave. */
  private void followUp(
      SearchRequest request, TimeValue within, ActionListener<SearchResponse> listener) {
    followUps.add(request);
    assertTrue(within.millis() <= 100);
    int from = Math.max(0, request.source().from());
    SearchHit[] hits =
        IntStream.range(from, from + request.source().size())
            .mapToObj(RerankingTest::hit)
            .toArray(SearchHit[]::new);
    Object[] values = Arrays.stream(hits).map(SearchHit::getId).toArray();
    SearchHits all = new SearchHits(hits, null, 0, null, "group", values);
    listener.onResponse(
        new SearchResponse(
            new InternalSearchResponse(all, null, null, null, false, false, 1),
            null,
            1,
            1,
            0,
            1,
            ShardSearchFailure.EMPTY_ARRAY,
            Clusters.EMPTY));
  }

  private SearchResponseProcessor processor() {
    try {
      return RerankProcessor.factory(
              new RerankProcessor.Parts(
                  () -> sidecar,
                  () -> TimeValue.timeValueMillis(100),
                  stats,
                  memory,
                  this::followUp,
                  request -> field -> true))
          .create(Map.of(), null, null, false, new HashMap<>(options), null);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> ids(SearchResponse response) {
    return Arrays.stream(response.getHits().getHits()).map(SearchHit::getId).toList();
  }

  private static Map<String, Object> report(SearchResponse response) {
    List<SearchExtBuilder> ext = response.getInternalResponse().getSearchExtBuilders();
    assertEquals(1, ext.size());
    return ((ReshelfReport) ext.getFirst()).content();
  }

  @Test
  void thePageIsCutFromTheNewOrder() {
    assertEquals(List.of("d5", "d4", "d3"), ids(search(0, 3)));
    assertEquals(List.of("d2", "d1", "d0", "d6"), ids(search(3, 4)));
  }

  @Test
  void everythingElseStaysAsItWas() {
    SearchResponse response = search(4, 3);
    assertEquals(List.of("d1", "d0", "d6"), ids(response));
    assertEquals(List.of("d1", "d0", "d6"), List.of(response.getHits().getCollapseValues()));
    assertEquals("group", response.getHits().getCollapseField());
    assertEquals(99, response.getHits().getHits()[0].getScore());
    assertEquals(100, response.getHits().getMaxScore());
    assertEquals(10, response.getHits().getTotalHits().value());
    assertEquals("pit", response.pointInTimeId());
    assertEquals(true, response.isTerminatedEarly());
    assertEquals(3, response.getNumReducePhases());
    assertEquals(
        List.of(5, 4, 1),
        List.of(
            response.getTotalShards(),
            response.getSuccessfulShards(),
            response.getSkippedShards()));
    assertTrue(response.getTook().millis() >= 7);
    assertTrue(response.getInternalResponse().getSearchExtBuilders().isEmpty());
    assertEquals("{\"price\":1}", response.getHits().getHits()[0].getSourceAsString());
  }

  @Test
  void theSidecarIsAskedForTheWindowOnlyAndToldWhoSearches() {
    search(3, 7);
    RerankRequest request = sidecar.asked.getFirst();
    assertEquals(0, request.getCandidatesCount());
    CandidateColumns columns = request.getColumns();
    assertEquals(WINDOW, columns.getIdsCount());
    assertEquals("d2", columns.getIds(2));
    assertEquals(98, columns.getScores(2));
    assertEquals(List.of(""), columns.getIndicesList());
    assertEquals(0, columns.getIndexOfCount());
    assertEquals(1, columns.getFieldsCount());
    assertEquals("title", columns.getFields(0).getName());
    assertEquals("number 2", columns.getFields(0).getTexts(2));
    assertEquals("red shoes", request.getQuery().getText());
    assertEquals("q1", request.getQuery().getId());
    assertEquals("products", request.getQuery().getIndex());
    assertEquals("u1", request.getShopper().getUserId());
    assertEquals("default", request.getProfile());
    assertEquals(500_000_000, request.getContext().getTime().getNanos());
    assertEquals(3, request.getPage().getStart());
    assertEquals(7, request.getPage().getSize());
    assertFalse(request.hasStrength());
    assertEquals(
        LayoutWish.newBuilder().setRemoves(true).setFetches(true).setChecks(true).build(),
        request.getLayout());
  }

  @Test
  void theSidecarIsToldWhatTheClientAskedFor() throws IOException {
    try (XContentParser parser =
        Parsing.parser("{\"layout\": true, \"structured_data\": true, \"sponsored\": true}")) {
      parser.nextToken();
      asked = ReshelfExt.parse(parser);
    }
    search(0, 3);
    LayoutWish wish = sidecar.asked.getFirst().getLayout();
    assertTrue(wish.getMetadata() && wish.getStructuredData() && wish.getSponsored());
  }

  @Test
  void noStrengthIsSaidAsZero() throws IOException {
    try (XContentParser parser = Parsing.parser("{\"strength\": 0}")) {
      parser.nextToken();
      asked = ReshelfExt.parse(parser);
    }
    search(0, 3);
    assertTrue(sidecar.asked.getFirst().hasStrength());
    assertEquals(0, sidecar.asked.getFirst().getStrength());
  }

  @Test
  void whatTheSidecarRemovesIsOnNoPageAndCounted() {
    sidecar.removesBest = true;
    asked = ReshelfExt.EMPTY;
    SearchResponse first = search(0, 8);
    assertEquals(List.of("d4", "d3", "d2", "d1", "d0", "d6", "d7", "d8"), ids(first));
    assertEquals(10, first.getHits().getTotalHits().value());
    assertEquals(ids(first), List.of(first.getHits().getCollapseValues()));
    assertEquals("_none", followUps.getFirst().pipeline());
    assertEquals(8, followUps.getFirst().source().from());
    assertEquals(true, report(first).get("reranked"));
    assertEquals(List.of("d0", "d6"), ids(search(4, 2)));
    assertEquals(1, sidecar.asked.size());
  }

  @Test
  void whereNoTimeIsLeftToFetchWhatRulesHideIsNotShownForIt() {
    asked = ReshelfExt.EMPTY;
    sidecar.removesBest = true;
    sidecar.fetches = "d9";
    sidecar.late = 20;
    SearchResponse first = search(0, 3);
    assertEquals(true, report(first).get("reranked"));
    assertEquals(List.of("d4", "d3", "d2"), ids(first));
    assertEquals(List.of("d1", "d0"), ids(search(3, 2)));
    assertEquals(1, sidecar.asked.size());
    assertEquals(0, followUps.size());
  }

  @Test
  void furtherPagesKeepToTheRememberedOrderWithoutACall() {
    search(0, 3);
    sidecar.failure = new RerankFailure(StepAside.DEADLINE, "late");
    assertEquals(List.of("d2", "d1", "d0"), ids(search(3, 3)));
    assertEquals(1, sidecar.asked.size());
  }

  @Test
  void aFirstPageAsksAnewAndItsFailureHoldsForThePagesAfterIt() {
    search(0, 3);
    sidecar.failure = new RerankFailure(StepAside.DEADLINE, "late");
    assertEquals(List.of("d0", "d1", "d2"), ids(search(0, 3)));
    assertEquals(2, sidecar.asked.size());
    assertSame(Decision.FELL_OPEN, memory.find(new PageKey(1, 1)));
  }

  @Test
  void aFirstPageMayBeToldToKeepTheOrderItHad() {
    Settings node = Settings.builder().put("reshelf.pages.keep_first_page", true).build();
    ClusterSettings settings = new ClusterSettings(node, Set.copyOf(SearchSettings.all()));
    memory = new PageMemory(node, settings);
    search(0, 3);
    sidecar.failure = new RerankFailure(StepAside.DEADLINE, "late");
    assertEquals(List.of("d5", "d4", "d3"), ids(search(0, 3)));
    settings.applySettings(Settings.builder().put("reshelf.pages.keep_first_page", false).build());
    assertEquals(List.of("d0", "d1", "d2"), ids(search(0, 3)));
  }

  @Test
  void anOrderForOtherHitsIsNotUsed() {
    search(0, 3);
    assertEquals(List.of("d1", "d0"), ids(search(3, 3, 5)));
    assertEquals(2, sidecar.asked.size());
  }

  @Test
  void aFailedPageIsOpenSearchsOwnAndRememberedAsSuch() {
    sidecar.failure = new RerankFailure(StepAside.OVERLOADED, "too many");
    assertEquals(List.of("d0", "d1", "d2"), ids(search(0, 3)));
    assertSame(Decision.FELL_OPEN, memory.find(new PageKey(1, 1)));
  }

  @Test
  void everyKindOfFailureIsAnsweredOnceInOpenSearchsOrder() {
    List<String> own = List.of("d0", "d1", "d2");
    asked = ReshelfExt.EMPTY;
    sidecar.failure = new RerankFailure(StepAside.TLS, "expired");
    SearchResponse response = search(0, 3);
    assertEquals(own, ids(response));
    assertEquals("tls", report(response).get("reason"));
    assertEquals("{\"price\":1}", response.getHits().getHits()[0].getSourceAsString());

    sidecar.failure = new IOException("not a RerankFailure");
    assertEquals("internal_error", report(search(0, 3)).get("reason"));

    sidecar.failure = null;
    sidecar.garbage = true;
    assertEquals("bad_answer_unknown", report(search(0, 3)).get("reason"));

    sidecar.thrown = new IllegalStateException("a client that breaks its word");
    assertEquals("internal_error", report(search(0, 3)).get("reason"));

    sidecar.thrown = null;
    sidecar.garbage = false;
    sidecar.twice = true;
    assertEquals(true, report(search(0, 3)).get("reranked"));
    assertEquals(5, answers.get());
  }

  @Test
  void whereNothingIsFoundAndNoRuleHoldsTheAnswerIsEmpty() {
    asked = ReshelfExt.EMPTY;
    sidecar.hasNothingToDo = true;
    SearchResponse response = search(0, 3, 0);
    assertEquals("no_hits", report(response).get("reason"));
    assertEquals(List.of(), ids(response));
    RerankRequest request = sidecar.asked.getFirst();
    assertFalse(request.hasColumns());
    assertEquals("red shoes", request.getQuery().getText());
    assertEquals(List.of(), ids(search(20, 3, 10)));
  }

  @Test
  void whereNothingIsFoundARuleMayBringADocumentIn() {
    asked = ReshelfExt.EMPTY;
    sidecar.fetches = "d0";
    SearchResponse response = search(0, 3, 0);
    assertEquals(true, report(response).get("reranked"));
    assertEquals(List.of("d0"), ids(response));
    assertEquals(0, response.getHits().getTotalHits().value(), "what is brought in is not counted");
    assertEquals(1, followUps.size());
  }

  @Test
  void whereNothingIsFoundAFailureLeavesTheEmptyAnswer() {
    asked = ReshelfExt.EMPTY;
    sidecar.failure = new RerankFailure(StepAside.DEADLINE, "late");
    SearchResponse response = search(0, 3, 0);
    assertEquals("deadline", report(response).get("reason"));
    assertEquals(List.of(), ids(response));
  }

  @Test
  void aPipelineMayAskNobodyWhereNothingIsFound() {
    asked = ReshelfExt.EMPTY;
    options = Map.of("nothing_found", false);
    assertEquals("no_hits", report(search(0, 3, 0)).get("reason"));
    assertTrue(sidecar.asked.isEmpty());
  }

  @Test
  void aSearchWithoutWordsIsAsked() {
    asked = ReshelfExt.EMPTY;
    words = "";
    assertEquals(List.of("d5", "d4", "d3"), ids(search(0, 3)));
    RerankRequest request = sidecar.asked.getFirst();
    assertEquals("", request.getQuery().getText());
    assertEquals("category", request.getQuery().getFilters(0).getField());
    assertEquals(List.of("Shoes"), request.getQuery().getFilters(0).getValuesList());
  }

  @Test
  void aSearchWithoutWordsForWhichNoRuleHoldsSaysWhy() {
    asked = ReshelfExt.EMPTY;
    words = "";
    sidecar.hasNothingToDo = true;
    assertEquals("no_query_text", report(search(0, 3)).get("reason"));
    words = "red shoes";
    assertEquals("sidecar_skipped", report(search(0, 3)).get("reason"));
  }

  @Test
  void aPageBehindTheLastHitIsEmpty() {
    assertEquals(List.of(), ids(search(5, 3, 4)));
  }

  @Test
  void hitsWithoutAnySourceStepAside() {
    asked = ReshelfExt.EMPTY;
    SearchWindow window = new SearchWindow(0, 2, WINDOW);
    SearchResponse response = fetched(window, 10);
    for (SearchHit hit : response.getHits().getHits()) {
      hit.sourceRef(null);
    }
    SearchPlan plan =
        Plans.of(
            asked,
            window,
            SourceView.of(new SearchSourceBuilder(), List.of("title")),
            List.of("title"));
    assertEquals("fields_unavailable", report(process(plan, response)).get("reason"));
  }

  @Test
  void aSearchThatWasLeftAloneIsHandedOnUntouched() {
    SearchResponse response = fetched(new SearchWindow(0, 3, 3), 10);
    assertSame(response, process(SearchPlan.stepAside(StepAside.SCROLL, null), response));
    assertSame(response, process(null, response));
    SearchResponse told =
        process(SearchPlan.stepAside(StepAside.SCROLL, ReshelfExt.EMPTY), response);
    assertEquals(Map.of("reranked", false, "reason", "scroll", "took_ms", 0.0), report(told));
    assertSame(response.getHits(), told.getHits());
  }

  @Test
  void theReportNamesTheVersionsAndTheRememberedPage() {
    asked = ReshelfExt.EMPTY;
    Map<String, Object> first = report(search(0, 3));
    assertNotNull(first.get("versions"));
    assertFalse(first.containsKey("hits"));
    assertEquals(true, report(search(3, 3)).get("remembered"));
  }
}
