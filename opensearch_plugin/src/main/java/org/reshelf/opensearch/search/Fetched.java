package org.reshelf.opensearch.search;

import org.opensearch.search.SearchHit;

/**
 * A document that is no candidate and that a rule brings in.
 *
 * @param id the document's {@code _id}
 * @param index the concrete index that holds it; empty for the only one searched
 * @param place from 1, in the list with all such documents in it
 * @param rule the rule that asked for it
 * @param presence what is known of it
 */
record Fetched(String id, String index, int place, String rule, Presence presence) {

  /** What is known of a document. */
  enum Presence {
    /** It has not been asked for yet. */
    UNKNOWN,
    /** It is there, and the request's own filters let it through. */
    THERE,
    /** It is there, and the search finds it too: somewhere behind the window. */
    FOUND_ANYWAY,
    /** It is not there, is filtered away, or did not come in time. */
    MISSING
  }

  /** Whether it has a place in the list. */
  boolean isThere() {
    return presence == Presence.THERE || presence == Presence.FOUND_ANYWAY;
  }

  Fetched with(Presence known) {
    return new Fetched(id, index, place, rule, known);
  }

  /** Whether a hit is this document. */
  boolean is(SearchHit hit) {
    return id.equals(hit.getId()) && (index.isEmpty() || index.equals(hit.getIndex()));
  }
}
