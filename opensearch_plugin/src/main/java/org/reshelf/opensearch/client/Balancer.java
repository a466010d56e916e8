package org.reshelf.opensearch.client;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Picks the usable target with the fewest calls in flight; among equals they take turns, so that
 * idle targets share the load as well.
 */
final class Balancer {

  private final AtomicInteger turn = new AtomicInteger();

  /** Returns null when none is usable. */
  <T> T pick(List<T> targets, Predicate<T> usable, ToIntFunction<T> inFlight) {
    int size = targets.size();
    if (size == 0) {
      return null;
    }
    int start = Math.floorMod(turn.getAndIncrement(), size);
    T best = null;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      T target = targets.get((start + i) % size);
      if (usable.test(target)) {
        int load = inFlight.applyAsInt(target);
        if (load < least) {
          least = load;
          best = target;
        }
      }
    }
    return best;
  }
}
