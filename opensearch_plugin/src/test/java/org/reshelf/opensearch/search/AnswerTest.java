package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opensearch.search.SearchHit;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RankedHit;

class AnswerTest {

  private static final SearchHit[] HITS = {hit("a"), hit("b"), hit("a"), hit("not sent")};

  private static SearchHit hit(String id) {
    return new SearchHit(0, id, Map.of(), Map.of());
  }

  private static RankedHit ranked(String id, int rank, double score) {
    return RankedHit.newBuilder().setId(id).setRank(rank).setScore(score).build();
  }

  private static void refused(StepAside reason, RankedHit... answer) {
    BadAnswer bad = assertThrows(BadAnswer.class, () -> Answer.order(List.of(answer), HITS, 3));
    assertEquals(reason, bad.reason());
  }

  @Test
  void anOrderIsTakenByRankSoThatIdsMayRepeat() throws BadAnswer {
    assertArrayEquals(
        new short[] {2, 1, 0},
        Answer.order(List.of(ranked("a", 3, 2), ranked("b", 2, 2), ranked("a", 1, -1)), HITS, 3));
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
}
