package org.reshelf.opensearch.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BalancerTest {

  private final Balancer balancer = new Balancer();

  @Test
  void nobodyIsPickedFromNobody() {
    assertNull(balancer.pick(List.<String>of(), any -> true, any -> 0));
    assertNull(balancer.pick(List.of("a", "b"), any -> false, any -> 0));
  }

  @Test
  void idleTargetsTakeTurns() {
    Map<String, Integer> picked = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      picked.merge(balancer.pick(List.of("a", "b", "c"), any -> true, any -> 0), 1, Integer::sum);
    }
    assertEquals(Map.of("a", 100, "b", 100, "c", 100), picked);
  }

  @Test
  void theLeastBusyIsPicked() {
    Map<String, Integer> inFlight = Map.of("a", 3, "b", 1, "c", 2);
    for (int i = 0; i < 10; i++) {
      assertEquals("b", balancer.pick(List.of("a", "b", "c"), any -> true, inFlight::get));
    }
  }

  @Test
  void anOpenBreakerIsSkippedHoweverIdle() {
    Map<String, Integer> inFlight = Map.of("a", 9, "b", 0, "c", 8);
    for (int i = 0; i < 10; i++) {
      assertEquals(
          "c", balancer.pick(List.of("a", "b", "c"), Set.of("a", "c")::contains, inFlight::get));
    }
  }
}
