package org.reshelf.opensearch.client;

import java.util.Objects;
import org.reshelf.opensearch.stats.StepAside;

/** A call that brought no answer, and the reason to count. Cheap: it carries no stack trace. */
public final class RerankFailure extends Exception {

  private final transient StepAside reason;

  public RerankFailure(StepAside reason, String message, Throwable cause) {
    super(message, cause, false, false);
    this.reason = Objects.requireNonNull(reason);
  }

  public RerankFailure(StepAside reason, String message) {
    this(reason, message, null);
  }

  public StepAside reason() {
    return reason;
  }
}
