package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opensearch.search.SearchHit;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.FetchedHit;
import org.reshelf.v1.RankedColumns;
import org.reshelf.v1.RankedHit;
import org.reshelf.v1.RerankResponse;

class AnswerTest {

  private static final SearchHit[] HITS = {hit("a"), hit("b"), hit("a"), hit("not sent")};

  private static SearchHit hit(String id) {
    return new SearchHit(0, id, Map.of(), Map.of());
  }

  private static RankedHit ranked(String id, int rank, double score) {
    return RankedHit.newBuilder().setId(id).setRank(rank).setScore(score).build();
  }

  private static short[] order(RankedHit... ranked) throws BadAnswer {
    return Answer.order(RerankResponse.newBuilder().addAllHits(List.of(ranked)).build(), HITS, 3);
  }

  private static short[] order(List<Integer> ranks, double... scores) throws BadAnswer {
    RankedColumns ranked =
        RankedColumns.newBuilder()
            .addAllRanks(ranks)
            .addAllScores(Arrays.stream(scores).boxed().toList())
            .build();
    return Answer.order(RerankResponse.newBuilder().setRanked(ranked).build(), HITS, 3);
  }

  private static void refused(StepAside reason, RankedHit... answer) {
    BadAnswer bad = assertThrows(BadAnswer.class, () -> order(answer));
    assertEquals(reason, bad.reason());
  }

  private static void refused(StepAside reason, List<Integer> ranks, double... scores) {
    BadAnswer bad = assertThrows(BadAnswer.class, () -> order(ranks, scores));
    assertEquals(reason, bad.reason());
  }

  @Test
  void anOrderIsTakenByRankSoThatIdsMayRepeat() throws BadAnswer {
    assertArrayEquals(
        new short[] {2, 1, 0}, order(ranked("a", 3, 2), ranked("b", 2, 2), ranked("a", 1, -1)));
    assertArrayEquals(new short[] {2, 1, 0}, order(List.of(3, 2, 1), 2, 2, -1));
  }

  @Test
  void everyDefectHasItsReason() {
    refused(StepAside.BAD_ANSWER_MISSING);
    refused(StepAside.BAD_ANSWER_MISSING, ranked("a", 1, 3), ranked("b", 2, 2));
    refused(
        StepAside.BAD_ANSWER_LENGTH,
        ranked("a", 1, 3),
        ranked("b", 2, 2),
        ranked("a", 3, 1),
        ranked("a", 3, 1));
    refused(
        StepAside.BAD_ANSWER_DUPLICATE, ranked("a", 1, 3), ranked("b", 2, 2), ranked("b", 2, 1));
    refused(StepAside.BAD_ANSWER_UNKNOWN, ranked("x", 1, 3), ranked("b", 2, 2), ranked("a", 3, 1));
    refused(StepAside.BAD_ANSWER_UNKNOWN, ranked("a", 0, 3), ranked("b", 2, 2), ranked("a", 3, 1));
    refused(StepAside.BAD_ANSWER_UNKNOWN, ranked("not sent", 4, 3));
    refused(StepAside.BAD_ANSWER_UNKNOWN, ranked("a", -5, 3));
    refused(StepAside.BAD_ANSWER_SCORE, ranked("a", 1, Double.NaN));
    refused(StepAside.BAD_ANSWER_SCORE, ranked("a", 1, Double.POSITIVE_INFINITY));
    refused(StepAside.BAD_ANSWER_SCORE, ranked("a", 1, 1), ranked("b", 2, 2), ranked("a", 3, 3));
  }

  @Test
  void everyDefectOfColumnsHasItsReason() {
    refused(StepAside.BAD_ANSWER_MISSING, List.of());
    refused(StepAside.BAD_ANSWER_MISSING, List.of(1, 2), 3, 2);
    refused(StepAside.BAD_ANSWER_LENGTH, List.of(1, 2, 3, 3), 3, 2, 1, 1);
    refused(StepAside.BAD_ANSWER_LENGTH, List.of(1, 2, 3), 3, 2);
    refused(StepAside.BAD_ANSWER_LENGTH, List.of(1, 2, 3));
    refused(StepAside.BAD_ANSWER_DUPLICATE, List.of(1, 2, 2), 3, 2, 1);
    refused(StepAside.BAD_ANSWER_UNKNOWN, List.of(0, 2, 3), 3, 2, 1);
    refused(StepAside.BAD_ANSWER_UNKNOWN, List.of(4), 3);
    refused(StepAside.BAD_ANSWER_UNKNOWN, List.of(-5), 3);
    refused(StepAside.BAD_ANSWER_SCORE, List.of(1), Double.NaN);
    refused(StepAside.BAD_ANSWER_SCORE, List.of(1), Double.POSITIVE_INFINITY);
    refused(StepAside.BAD_ANSWER_SCORE, List.of(1, 2, 3), 1, 2, 3);
  }

  private static RerankResponse.Builder two(int... removed) {
    RerankResponse.Builder answer = RerankResponse.newBuilder();
    answer.getRankedBuilder().addRanks(3).addRanks(1).addScores(2).addScores(1);
    Arrays.stream(removed).forEach(answer::addRemoved);
    return answer;
  }

  private static void refused(StepAside reason, RerankResponse.Builder answer) {
    BadAnswer bad =
        assertThrows(
            BadAnswer.class,
            () -> {
              Answer.order(answer.build(), HITS, 3);
              Answer.fetched(answer.build(), HITS, 3);
            });
    assertEquals(reason, bad.reason());
  }

  @Test
  void whatIsRemovedIsAccountedFor() throws BadAnswer {
    assertArrayEquals(new short[] {2, 0}, Answer.order(two(2).build(), HITS, 3));
    RerankResponse all = RerankResponse.newBuilder().addAllRemoved(List.of(1, 2, 3)).build();
    assertArrayEquals(new short[0], Answer.order(all, HITS, 3));
    refused(StepAside.BAD_ANSWER_MISSING, two());
    refused(StepAside.BAD_ANSWER_DUPLICATE, two(3));
    refused(StepAside.BAD_ANSWER_DUPLICATE, two(2, 2));
    refused(StepAside.BAD_ANSWER_UNKNOWN, two(2, 4));
    refused(StepAside.BAD_ANSWER_UNKNOWN, two(0));
    refused(StepAside.BAD_ANSWER_UNKNOWN, two(-1));
  }

  private static RerankResponse.Builder fetching(Object... idsAndPlaces) {
    RerankResponse.Builder answer = two(2);
    for (int i = 0; i < idsAndPlaces.length; i += 2) {
      answer.addFetch(
          FetchedHit.newBuilder()
              .setId((String) idsAndPlaces[i])
              .setPlace((int) idsAndPlaces[i + 1])
              .setRule("r"));
    }
    return answer;
  }

  @Test
  void documentsToBringInAreReadInTheirOrder() throws BadAnswer {
    List<Fetched> documents = Answer.fetched(fetching("x", 1, "y", 9).build(), HITS, 3);
    assertEquals(List.of("x", "y"), documents.stream().map(Fetched::id).toList());
    assertEquals(9, documents.getLast().place());
    assertEquals(Fetched.Presence.UNKNOWN, documents.getFirst().presence());
    assertEquals(List.of(), Answer.fetched(two(2).build(), HITS, 3));
  }

  @Test
  void documentsThatCannotBeBroughtInSpoilTheAnswer() {
    refused(StepAside.BAD_ANSWER_FETCH, fetching("", 1));
    refused(StepAside.BAD_ANSWER_FETCH, fetching("x", 0));
    refused(StepAside.BAD_ANSWER_FETCH, fetching("x", -1));
    refused(StepAside.BAD_ANSWER_FETCH, fetching("x", 2, "y", 2));
    refused(StepAside.BAD_ANSWER_FETCH, fetching("x", 2, "y", 1));
    refused(StepAside.BAD_ANSWER_FETCH, fetching("x", 2, "x", 3));
    refused(StepAside.BAD_ANSWER_FETCH, fetching("b", 1));
    RerankResponse.Builder many = two(2);
    for (int i = 1; i <= Limits.FETCHED + 1; i++) {
      many.addFetch(FetchedHit.newBuilder().setId("x" + i).setPlace(i));
    }
    refused(StepAside.BAD_ANSWER_LENGTH, many);
  }
}
