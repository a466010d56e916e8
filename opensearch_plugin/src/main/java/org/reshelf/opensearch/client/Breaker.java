package org.reshelf.opensearch.client;

import org.reshelf.opensearch.stats.StepAside;

/**
 * Decides whether searches may be sent to one target. It opens after a number of failures in a row,
 * and only a probe, never a search, closes it again.
 */
final class Breaker {

  enum State {
    /** Not proven yet; no search is sent. */
    WARMING,
    /** Works; searches are sent. */
    CLOSED,
    /** Does not work; no search is sent until a probe succeeds. */
    OPEN
  }

  // Read on every search without a lock; written under the lock.
  private volatile State state = State.WARMING;
  private volatile int failures;
  private volatile StepAside lastReason;
  private long opened;

  State state() {
    return state;
  }

  boolean closed() {
    return state == State.CLOSED;
  }

  /**
   * A search was answered. What a search brings home late, after the breaker opened, changes
   * nothing.
   */
  void success() {
    if (failures != 0) {
      synchronized (this) {
        failures = 0;
      }
    }
  }

  /**
   * A search failed.
   *
   * @return whether this failure opened the breaker
   */
  synchronized boolean failure(StepAside reason, int limit) {
    lastReason = reason;
    failures++;
    return state == State.CLOSED && failures >= limit && openNow();
  }

  /**
   * A probe failed, or the target said that it is not ready.
   *
   * @return whether the breaker was closed before
   */
  synchronized boolean trip(StepAside reason) {
    lastReason = reason;
    failures++;
    boolean wasClosed = state == State.CLOSED;
    openNow();
    return wasClosed;
  }

  /**
   * A probe succeeded.
   *
   * @return whether the breaker was not closed before
   */
  synchronized boolean close() {
    boolean changed = state != State.CLOSED;
    state = State.CLOSED;
    failures = 0;
    return changed;
  }

  private boolean openNow() {
    if (state != State.OPEN) {
      state = State.OPEN;
      opened++;
    }
    return true;
  }

  int failures() {
    return failures;
  }

  /** How often it opened. */
  synchronized long opened() {
    return opened;
  }

  /** Why the last failure was one, or null while there was none. */
  StepAside lastReason() {
    return lastReason;
  }
}
