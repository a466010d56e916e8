package org.reshelf.opensearch.stats;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of one node since its start. Safe to use from any thread. Holds no words and no
 * names of shoppers.
 */
public final class ReshelfStats {

  private final Map<StepAside, LongAdder> stepAsides = new EnumMap<>(StepAside.class);
  private final LongAdder reranked = new LongAdder();
  private final LongAdder candidates = new LongAdder();
  private final LongAdder remembered = new LongAdder();
  private final LongAdder pinsFetched = new LongAdder();
  private final LongAdder pinsMissing = new LongAdder();
  private final LongAdder pagesFilled = new LongAdder();
  private final LatencyHistogram rerankTimes = new LatencyHistogram();
  private final LatencyHistogram callTimes = new LatencyHistogram();

  public ReshelfStats() {
    for (StepAside reason : StepAside.values()) {
      stepAsides.put(reason, new LongAdder());
    }
  }

  /** One search was answered in OpenSearch's own order. */
  public void stepAside(StepAside reason) {
    stepAsides.get(reason).increment();
  }

  /**
   * One search was answered in the sidecar's order.
   *
   * @param candidates how many hits were ordered
   * @param tookNanos from the request to the sidecar to the end of rebuilding the page
   */
  public void reranked(int candidates, long tookNanos) {
    reranked.increment();
    this.candidates.add(candidates);
    rerankTimes.add(tookNanos);
  }

  /** One page was served from the remembered order of its query, without a call. */
  public void remembered() {
    remembered.increment();
  }

  /**
   * Documents that were asked for because rules bring them in.
   *
   * @param found how many came
   * @param missing how many did not: filtered away, not there, or too late
   */
  public void pins(int found, int missing) {
    pinsFetched.add(found);
    pinsMissing.add(missing);
  }

  /** One page was filled up from behind its window by a search of its own. */
  public void filled() {
    pagesFilled.increment();
  }

  /** One call was answered by a sidecar, whatever became of the answer. */
  public void answered(long tookNanos) {
    callTimes.add(tookNanos);
  }

  /** Every figure by name. Every reason is there, at 0 if it never occurred. */
  public Map<String, Object> asMap() {
    Map<String, Object> reasons = new LinkedHashMap<>();
    stepAsides.forEach((reason, count) -> reasons.put(reason.key(), count.sum()));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("reranked", reranked.sum());
    map.put("candidates", candidates.sum());
    map.put("remembered", remembered.sum());
    map.put("pins_fetched", pinsFetched.sum());
    map.put("pins_missing", pinsMissing.sum());
    map.put("pages_filled", pagesFilled.sum());
    map.put("stepped_aside", reasons);
    map.put("rerank_time", rerankTimes.summary());
    map.put("call_time", callTimes.summary());
    return map;
  }
}
