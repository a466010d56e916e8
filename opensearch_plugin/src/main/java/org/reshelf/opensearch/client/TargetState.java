package org.reshelf.opensearch.client;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How one sidecar stands, for the stats.
 *
 * @param target as configured, with the address where that is a name
 * @param state warming, closed (in use) or open (left alone)
 * @param failures failures in a row until now
 * @param opened how often it was left alone
 * @param lastFailure the reason of the last failure, or empty
 * @param calls searches sent; warm-up and health checks are not counted
 */
public record TargetState(
    String target,
    String state,
    int failures,
    long opened,
    String lastFailure,
    int inFlight,
    long calls,
    long failedCalls) {

  public Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("target", target);
    map.put("state", state);
    map.put("consecutive_failures", failures);
    map.put("opened", opened);
    map.put("last_failure", lastFailure);
    map.put("in_flight", inFlight);
    map.put("calls", calls);
    map.put("failed_calls", failedCalls);
    return map;
  }
}
