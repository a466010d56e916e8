package org.reshelf.opensearch.stats;

import java.util.Locale;

/** Why a search was answered in OpenSearch's own order. The names are the keys of the counters. */
public enum StepAside {
  /**
   * The query holds no words to rank by, and none were given in {@code ext.reshelf.query}: the
   * pipeline does not ask then, or no rule held.
   */
  NO_QUERY_TEXT,
  /** The search asked for no hits. */
  SIZE_ZERO,
  /** The search opens or continues a scroll. */
  SCROLL,
  /** The search continues behind a hit. */
  SEARCH_AFTER,
  /** The search asked for an order of its own. */
  EXPLICIT_SORT,
  /** Nothing was found: the pipeline does not ask then, or no rule held. */
  NO_HITS,
  /** The page asked for reaches beyond what an index allows ({@code index.max_result_window}). */
  WINDOW_TOO_LARGE,
  /** The page begins behind the window: nothing of it is ever ordered. */
  BEYOND_WINDOW,
  /** The search takes one slice of the hits, to read them all in parallel. */
  SLICED,
  /** The pipeline has no `reshelf_window` before `reshelf`. */
  NO_WINDOW,
  /** There were words and hits, and the sidecar handed them back as they were; it says why. */
  SIDECAR_SKIPPED,
  /** A search that OpenSearch makes itself: for collapse, inner hits or a point in time. */
  SUB_SEARCH,
  /** The document fields that the profile needs could not be read. */
  FIELDS_UNAVAILABLE,
  /** Every target's breaker is open. */
  BREAKER_OPEN,
  /** No target is configured, or none has been warmed yet. */
  NO_TARGET,
  /** The sidecar gave no answer in time. */
  DEADLINE,
  /** The question is larger than {@code reshelf.max_message_size}. */
  REQUEST_TOO_LARGE,
  /**
   * The sidecar says that it is not ready yet, or not any more. Seen in the state of targets only.
   */
  NOT_READY,
  /** Too many calls are in flight already, here or in the sidecar. */
  OVERLOADED,
  /** The sidecar could not be reached. */
  UNAVAILABLE,
  /** The TLS handshake with the sidecar failed. */
  TLS,
  /** The sidecar answered with an error. */
  SIDECAR_ERROR,
  /** The answer lacks a candidate. */
  BAD_ANSWER_MISSING,
  /** The answer names a candidate that was not sent. */
  BAD_ANSWER_UNKNOWN,
  /** The answer names a candidate twice. */
  BAD_ANSWER_DUPLICATE,
  /** A score is not a finite number, or the scores do not fall. */
  BAD_ANSWER_SCORE,
  /** A document to bring in has no id or no place, shares its place, or is a candidate. */
  BAD_ANSWER_FETCH,
  /** The answer has another length than the question. */
  BAD_ANSWER_LENGTH,
  /** An earlier page of the same query was answered in OpenSearch's order, so this one is too. */
  REMEMBERED_FAIL_OPEN,
  /** A defect in this plugin. */
  INTERNAL_ERROR;

  private final String key = name().toLowerCase(Locale.ROOT);

  /** The counter's name in the stats, for example {@code no_query_text}. */
  public String key() {
    return key;
  }
}
