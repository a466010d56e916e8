package org.reshelf.opensearch.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.reshelf.opensearch.stats.StepAside;

class BreakerTest {

  private final Breaker breaker = new Breaker();

  @Test
  void sendsNothingBeforeTheFirstProbe() {
    assertEquals(Breaker.State.WARMING, breaker.state());
    assertFalse(breaker.closed());
    assertNull(breaker.lastReason());
  }

  @Test
  void opensAfterFailuresInARowOnly() {
    breaker.close();
    assertFalse(breaker.failure(StepAside.DEADLINE, 3));
    assertFalse(breaker.failure(StepAside.DEADLINE, 3));
    breaker.success();
    assertFalse(breaker.failure(StepAside.DEADLINE, 3));
    assertFalse(breaker.failure(StepAside.UNAVAILABLE, 3));
    assertTrue(breaker.closed());
    assertTrue(breaker.failure(StepAside.UNAVAILABLE, 3), "the third in a row opens it");
    assertEquals(Breaker.State.OPEN, breaker.state());
    assertEquals(1, breaker.opened());
    assertEquals(StepAside.UNAVAILABLE, breaker.lastReason());
  }

  @Test
  void tellsOnceThatItOpened() {
    breaker.close();
    assertTrue(breaker.failure(StepAside.DEADLINE, 1));
    assertFalse(breaker.failure(StepAside.DEADLINE, 1), "a late failure opens nothing again");
    assertEquals(1, breaker.opened());
  }

  @Test
  void onlyAProbeClosesIt() {
    breaker.close();
    breaker.failure(StepAside.DEADLINE, 1);
    breaker.success();
    assertFalse(breaker.closed(), "an answer that came late proves nothing");
    assertTrue(breaker.close());
    assertTrue(breaker.closed());
    assertEquals(0, breaker.failures());
    assertFalse(breaker.close(), "it was closed already");
  }

  @Test
  void aFailedProbeOpensItAtOnce() {
    assertFalse(breaker.trip(StepAside.UNAVAILABLE), "it was not closed before");
    assertEquals(Breaker.State.OPEN, breaker.state());
    breaker.close();
    assertTrue(breaker.trip(StepAside.NOT_READY));
    assertEquals(2, breaker.opened());
  }

  @Test
  void theLimitIsReadAtEachFailure() {
    breaker.close();
    breaker.failure(StepAside.DEADLINE, 100);
    breaker.failure(StepAside.DEADLINE, 100);
    assertTrue(breaker.failure(StepAside.DEADLINE, 2));
  }
}
