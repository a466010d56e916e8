package org.reshelf.opensearch.search;

import java.util.List;
import org.opensearch.search.SearchHit;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RankedColumns;
import org.reshelf.v1.RankedHit;
import org.reshelf.v1.RerankResponse;

/** Checks what the sidecar answered before anything is done with it. */
final class Answer {

  private Answer() {}

  /**
   * The places of the first stage's hits (from 0) in their new order.
   *
   * @param answer every candidate once, by the rank it was sent with (from 1), in columns or one by
   *     one
   * @param hits the first stage's hits, of which the first were sent
   * @param candidates how many were sent, at least 1
   */
  static short[] order(RerankResponse answer, SearchHit[] hits, int candidates) throws BadAnswer {
    return answer.hasRanked()
        ? ofColumns(answer.getRanked(), candidates)
        : ofHits(answer.getHitsList(), hits, candidates);
  }

  private static short[] ofColumns(RankedColumns ranked, int candidates) throws BadAnswer {
    if (ranked.getRanksCount() != ranked.getScoresCount()) {
      throw new BadAnswer(StepAside.BAD_ANSWER_LENGTH);
    }
    Order order = new Order(ranked.getRanksCount(), candidates);
    for (int i = 0; i < ranked.getRanksCount(); i++) {
      order.add(ranked.getRanks(i) - 1, ranked.getScores(i));
    }
    return order.complete();
  }

  private static short[] ofHits(List<RankedHit> ranked, SearchHit[] hits, int candidates)
      throws BadAnswer {
    Order order = new Order(ranked.size(), candidates);
    for (RankedHit hit : ranked) {
      int place = hit.getRank() - 1;
      if (place >= 0 && place < candidates && !hit.getId().equals(hits[place].getId())) {
        throw new BadAnswer(StepAside.BAD_ANSWER_UNKNOWN);
      }
      order.add(place, hit.getScore());
    }
    return order.complete();
  }

  /** An order as it grows, best first. */
  private static final class Order {
    private final short[] places;
    private final boolean[] seen;
    private int size;
    private double previous = Double.POSITIVE_INFINITY;

    Order(int length, int candidates) throws BadAnswer {
      if (length > candidates) {
        throw new BadAnswer(StepAside.BAD_ANSWER_LENGTH);
      }
      places = new short[length];
      seen = new boolean[candidates];
    }

    void add(int place, double score) throws BadAnswer {
      if (place < 0 || place >= seen.length) {
        throw new BadAnswer(StepAside.BAD_ANSWER_UNKNOWN);
      }
      if (seen[place]) {
        throw new BadAnswer(StepAside.BAD_ANSWER_DUPLICATE);
      }
      if (!Double.isFinite(score) || score > previous) {
        throw new BadAnswer(StepAside.BAD_ANSWER_SCORE);
      }
      seen[place] = true;
      previous = score;
      places[size++] = (short) place;
    }

    short[] complete() throws BadAnswer {
      if (size < seen.length) {
        throw new BadAnswer(StepAside.BAD_ANSWER_MISSING);
      }
      return places;
    }
  }
}
