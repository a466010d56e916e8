package org.reshelf.opensearch.search;

import org.reshelf.opensearch.stats.StepAside;

/** An answer of the sidecar that cannot be a new order of what it was asked about. */
final class BadAnswer extends Exception {

  private final transient StepAside reason;

  BadAnswer(StepAside reason) {
    super(reason.key(), null, false, false);
    this.reason = reason;
  }

  StepAside reason() {
    return reason;
  }
}
