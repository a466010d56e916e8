package org.reshelf.opensearch.search;

import java.util.List;
import org.opensearch.search.SearchHit;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RankedHit;

/** Checks what the sidecar answered before anything is done with it. */
final class Answer {

  private Answer() {}

  /**
   * The places of the first stage's hits (from 0) in their new order.
   *
   * @param ranked the answer: every candidate once, by the rank it was sent with (from 1)
   * @param hits the first stage's hits, of which the first were sent
   * @param candidates how many were sent, at least 1
   */
  static short[] order(List<RankedHit> ranked, SearchHit[] hits, int candidates) throws BadAnswer {
    if (ranked.size() > candidates) {
      throw new BadAnswer(StepAside.BAD_ANSWER_LENGTH);
    }
    short[] order = new short[ranked.size()];
    boolean[] seen = new boolean[candidates];
    double previous = Double.POSITIVE_INFINITY;
    for (int i = 0; i < order.length; i++) {
      RankedHit hit = ranked.get(i);
      int place = hit.getRank() - 1;
      if (place < 0 || place >= candidates || !hit.getId().equals(hits[place].getId())) {
        throw new BadAnswer(StepAside.BAD_ANSWER_UNKNOWN);
      }
      if (seen[place]) {
        throw new BadAnswer(StepAside.BAD_ANSWER_DUPLICATE);
      }
      if (!Double.isFinite(hit.getScore()) || hit.getScore() > previous) {
        throw new BadAnswer(StepAside.BAD_ANSWER_SCORE);
      }
      seen[place] = true;
      previous = hit.getScore();
      order[i] = (short) place;
    }
    if (ranked.size() < candidates) {
      throw new BadAnswer(StepAside.BAD_ANSWER_MISSING);
    }
    return order;
  }
}
