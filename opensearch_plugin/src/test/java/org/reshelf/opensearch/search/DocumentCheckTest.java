package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.common.bytes.BytesArray;
import org.opensearch.search.SearchHit;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.reshelf.opensearch.client.RerankFailure;
import org.reshelf.opensearch.stats.ReshelfStats;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.LayoutWish;
import org.reshelf.v1.RankedColumns;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

class DocumentCheckTest {

  private static final TimeValue TIME = TimeValue.timeValueMillis(20);

  /** What a sidecar answers that hides the second of two documents. */
  private static final RerankResponse HIDES_B =
      RerankResponse.newBuilder()
          .setCheck("opaque")
          .setRanked(RankedColumns.newBuilder().addRanks(1).addScores(0))
          .addRemoved(2)
          .build();

  private final List<RerankRequest> asked = new ArrayList<>();

  private static SearchHit hit(String id, String source) {
    SearchHit hit = new SearchHit(0, id, Map.of(), Map.of());
    hit.score(0);
    hit.sourceRef(source == null ? null : new BytesArray(source));
    return hit;
  }

  private static SearchHit[] documents() {
    return Stream.of("a", "b")
        .map(id -> hit(id, "{\"title\": \"" + id + "\", \"stock\": 3}"))
        .toArray(SearchHit[]::new);
  }

  /**
   * The documents that are shown, where the client asked for titles and the ranking reads stock.
   */
  private List<SearchHit> shown(
      SearchHit[] documents,
      TimeValue within,
      BiConsumer<RerankRequest, ActionListener<RerankResponse>> sidecar) {
    ReadySidecar client =
        (question, time, listener) -> {
          assertEquals(within, time);
          asked.add(question);
          sidecar.accept(question, listener);
        };
    List<String> fields = List.of("stock");
    SearchSourceBuilder source =
        new SearchSourceBuilder().fetchSource(new String[] {"title"}, new String[0]);
    SearchPlan plan =
        Plans.of(null, new SearchWindow(0, 10, 100, 1_000), SourceView.of(source, fields), fields);
    RerankProcessor.Parts parts =
        new RerankProcessor.Parts(() -> client, null, new ReshelfStats(), null, null, null);
    List<SearchHit[]> answers = new ArrayList<>();
    new DocumentCheck(plan, parts, "opaque").run(documents, within, answers::add);
    assertEquals(1, answers.size());
    return Arrays.asList(answers.getFirst());
  }

  private List<SearchHit> shown(RerankResponse answer) {
    return shown(documents(), TIME, (question, listener) -> listener.onResponse(answer));
  }

  @Test
  void showsWhatNoRuleHidesAsTheClientAskedForIt() {
    List<SearchHit> shown = shown(HIDES_B);
    assertEquals(List.of("a"), shown.stream().map(SearchHit::getId).toList());
    assertEquals(Map.of("title", "a"), shown.getFirst().getSourceAsMap());
  }

  @Test
  void asksWithTheFieldsThatCandidatesAreSentWithAndNoWords() {
    shown(HIDES_B);
    RerankRequest question = asked.getFirst();
    assertEquals(List.of("a", "b"), question.getColumns().getIdsList());
    assertEquals("stock", question.getColumns().getFields(0).getName());
    assertEquals(List.of(3.0, 3.0), question.getColumns().getFields(0).getNumbersList());
    assertEquals("q", question.getQuery().getId());
    assertEquals("", question.getQuery().getText());
    assertFalse(question.hasShopper());
    assertEquals(
        LayoutWish.newBuilder().setRemoves(true).setCheck("opaque").build(), question.getLayout());
  }

  @Test
  void whatIsNotAnsweredIsHidden() {
    assertEquals(
        List.of(),
        shown(
            documents(),
            TIME,
            (question, listener) ->
                listener.onFailure(new RerankFailure(StepAside.DEADLINE, "said so by a test"))));
    assertEquals(
        List.of(),
        shown(
            documents(),
            TIME,
            (question, listener) -> {
              throw new IllegalStateException("said so by a test");
            }));
  }

  @Test
  void whatIsAnsweredToAnotherQuestionIsNoAnswer() {
    RerankResponse.Builder all =
        RerankResponse.newBuilder()
            .setRanked(
                RankedColumns.newBuilder()
                    .addAllRanks(List.of(1, 2))
                    .addAllScores(List.of(0., 0.)));
    assertEquals(2, shown(all.setCheck("opaque").build()).size());
    assertEquals(List.of(), shown(all.clearCheck().build()));
    assertEquals(List.of(), shown(all.setCheck("another").build()));
    assertEquals(List.of(), shown(HIDES_B.toBuilder().clearRemoved().build()));
  }

  @Test
  void nobodyIsAskedWithoutTimeOrWithoutWhatDocumentsSay() {
    assertEquals(List.of(), shown(documents(), TimeValue.ZERO, (question, listener) -> {}));
    SearchHit[] unreadable = {documents()[0], hit("b", null)};
    assertEquals(List.of(), shown(unreadable, TIME, (question, listener) -> {}));
    assertEquals(List.of(), shown(new SearchHit[0], TIME, (question, listener) -> {}));
    assertEquals(List.of(), asked);
  }
}
