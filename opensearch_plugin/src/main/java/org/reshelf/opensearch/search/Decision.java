package org.reshelf.opensearch.search;

import java.util.List;
import java.util.Map;

/**
 * How one query's window was decided: an order, or that OpenSearch's own order stays.
 *
 * @param order the places of the first stage's hits (from 0) in their new order, without those that
 *     are not shown; below 0 stands a document that is brought in, -1 for the first of {@code
 *     fetched}. Null where OpenSearch's own order stays
 * @param candidates how many of the first stage's hits were put in order
 * @param hits the fingerprint of the hits that the order is for
 * @param options the response processor's options under which it was decided; null where no order
 * @param report what the sidecar said of it, for {@code ext.reshelf}
 * @param explanations by first-stage place, where they were asked for; empty otherwise
 * @param fetched the documents to bring in, by rising place
 * @param layout what the sidecar said of the page
 */
record Decision(
    short[] order,
    int candidates,
    long hits,
    RerankOptions options,
    Map<String, Object> report,
    List<Map<String, Object>> explanations,
    List<Fetched> fetched,
    LayoutNotes layout) {

  /** OpenSearch's own order, for all pages of the query. */
  static final Decision FELL_OPEN =
      new Decision(null, 0, 0, null, Map.of(), List.of(), List.of(), LayoutNotes.NONE);

  boolean fellOpen() {
    return order == null;
  }

  /** Whether the sidecar had a say, or only handed the first stage's order back. */
  boolean reranked() {
    return Boolean.TRUE.equals(report.get("reranked"));
  }

  boolean explained() {
    return !explanations.isEmpty();
  }

  /** Whether rules took hits out of the list or bring some in, so that its places are shifted. */
  boolean shifts() {
    return order != null && (order.length != candidates || !fetched.isEmpty());
  }

  /** Whether this order may be used for these hits under these options. */
  boolean fits(long currentHits, int currentCandidates, RerankOptions currentOptions) {
    return order != null
        && hits == currentHits
        && candidates == currentCandidates
        && currentOptions.equals(options);
  }

  /** The documents of {@code fetched} that have a place in the list. */
  List<Fetched> there() {
    return fetched.stream().filter(Fetched::isThere).toList();
  }

  /** How many of them the search finds as well, so that they are not counted twice. */
  long foundAnyway() {
    return fetched.stream()
        .filter(document -> document.presence() == Fetched.Presence.FOUND_ANYWAY)
        .count();
  }

  /** The same with what is known of the documents now: who is there has its place. */
  Decision with(List<Fetched> known) {
    short[] kept = new short[order.length];
    int count = 0;
    for (short place : order) {
      if (place >= 0) {
        kept[count++] = place;
      }
    }
    int there = (int) known.stream().filter(Fetched::isThere).count();
    short[] arranged = new short[count + there];
    int next = 0;
    int document = 0;
    for (int i = 0; i < arranged.length; i++) {
      while (document < known.size() && !known.get(document).isThere()) {
        document++;
      }
      // Places behind the end of the list are its end.
      if (document < known.size() && (known.get(document).place() <= i + 1 || next == count)) {
        arranged[i] = (short) (-1 - document++);
      } else {
        arranged[i] = kept[next++];
      }
    }
    return new Decision(
        arranged, candidates, hits, options, report, explanations, List.copyOf(known), layout);
  }
}
