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
}
