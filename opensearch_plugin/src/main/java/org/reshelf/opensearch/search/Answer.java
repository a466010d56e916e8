package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.opensearch.search.SearchHit;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.FetchedHit;
import org.reshelf.v1.RankedColumns;
import org.reshelf.v1.RankedHit;
import org.reshelf.v1.RerankResponse;

/** Checks what the sidecar answered before anything is done with it. */
final class Answer {

  private Answer() {}

  /**
   * The places of the first stage's hits (from 0) in their new order, without those that must not
   * be shown.
   *
   * @param answer every candidate once, by the rank it was sent with (from 1): in columns, one by
   *     one, or removed
   * @param hits the first stage's hits, of which the first were sent
   * @param candidates how many were sent; 0 where nothing was found
   */
  static short[] order(RerankResponse answer, SearchHit[] hits, int candidates) throws BadAnswer {
    Order order =
        answer.hasRanked()
            ? ofColumns(answer.getRanked(), candidates)
            : ofHits(answer.getHitsList(), hits, candidates);
    for (int rank : answer.getRemovedList()) {
      order.remove(rank - 1);
    }
    return order.complete();
  }

  /**
   * The documents to bring in; nothing is known of them yet.
   *
   * @param hits the first stage's hits, of which the first were sent
   * @param candidates how many were sent
   */
  static List<Fetched> fetched(RerankResponse answer, SearchHit[] hits, int candidates)
      throws BadAnswer {
    if (answer.getFetchCount() == 0) {
      return List.of();
    }
    if (answer.getFetchCount() > Limits.FETCHED) {
      throw new BadAnswer(StepAside.BAD_ANSWER_LENGTH);
    }
    List<Fetched> documents = new ArrayList<>();
    Set<List<String>> seen = new HashSet<>();
    int before = 0;
    for (FetchedHit hit : answer.getFetchList()) {
      Fetched document =
          new Fetched(
              hit.getId(), hit.getIndex(), hit.getPlace(), hit.getRule(), Fetched.Presence.UNKNOWN);
      boolean placed = document.place() > before;
      before = document.place();
      if (!placed
          || document.id().isEmpty()
          || !seen.add(List.of(document.id(), document.index()))
          || isAmong(hits, candidates, document)) {
        throw new BadAnswer(StepAside.BAD_ANSWER_FETCH);
      }
      documents.add(document);
    }
    return List.copyOf(documents);
  }

  private static boolean isAmong(SearchHit[] hits, int candidates, Fetched document) {
    for (int i = 0; i < candidates; i++) {
      if (document.is(hits[i])) {
        return true;
      }
    }
    return false;
  }

  private static Order ofColumns(RankedColumns ranked, int candidates) throws BadAnswer {
    if (ranked.getRanksCount() != ranked.getScoresCount()) {
      throw new BadAnswer(StepAside.BAD_ANSWER_LENGTH);
    }
    Order order = new Order(ranked.getRanksCount(), candidates);
    for (int i = 0; i < ranked.getRanksCount(); i++) {
      order.add(ranked.getRanks(i) - 1, ranked.getScores(i));
    }
    return order;
  }

  private static Order ofHits(List<RankedHit> ranked, SearchHit[] hits, int candidates)
      throws BadAnswer {
    Order order = new Order(ranked.size(), candidates);
    for (RankedHit hit : ranked) {
      int place = hit.getRank() - 1;
      if (place >= 0 && place < candidates && !hit.getId().equals(hits[place].getId())) {
        throw new BadAnswer(StepAside.BAD_ANSWER_UNKNOWN);
      }
      order.add(place, hit.getScore());
    }
    return order;
  }

  /** An order as it grows, best first. */
  private static final class Order {
    private final short[] places;
    private final boolean[] seen;
    private int size;
    private int removed;
    private double previous = Double.POSITIVE_INFINITY;

    Order(int length, int candidates) throws BadAnswer {
      if (length > candidates) {
        throw new BadAnswer(StepAside.BAD_ANSWER_LENGTH);
      }
      places = new short[length];
      seen = new boolean[candidates];
    }

    void remove(int place) throws BadAnswer {
      see(place);
      removed++;
    }

    private void see(int place) throws BadAnswer {
      if (place < 0 || place >= seen.length) {
        throw new BadAnswer(StepAside.BAD_ANSWER_UNKNOWN);
      }
      if (seen[place]) {
        throw new BadAnswer(StepAside.BAD_ANSWER_DUPLICATE);
      }
      seen[place] = true;
    }

    void add(int place, double score) throws BadAnswer {
      see(place);
      if (!Double.isFinite(score) || score > previous) {
        throw new BadAnswer(StepAside.BAD_ANSWER_SCORE);
      }
      previous = score;
      places[size++] = (short) place;
    }

    short[] complete() throws BadAnswer {
      if (size + removed < seen.length) {
        throw new BadAnswer(StepAside.BAD_ANSWER_MISSING);
      }
      return places;
    }
  }
}
