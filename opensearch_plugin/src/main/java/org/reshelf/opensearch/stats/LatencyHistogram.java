package org.reshelf.opensearch.stats;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Times since the node's start, in fixed memory: from a microsecond to a minute, true to one
 * hundredth of the value. Longer ones count as a minute.
 */
final class LatencyHistogram {

  private static final long LONGEST = TimeUnit.MINUTES.toMicros(1);

  private final ConcurrentHistogram micros = new ConcurrentHistogram(LONGEST, 2);

  void add(long nanos) {
    micros.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, LONGEST));
  }

  /** Figures in milliseconds; all 0 while there are none. */
  Map<String, Object> summary() {
    Histogram now = micros.copy();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("count", now.getTotalCount());
    summary.put("mean_ms", now.getTotalCount() == 0 ? 0.0 : now.getMean() / 1_000);
    summary.put("p50_ms", now.getValueAtPercentile(50) / 1_000.0);
    summary.put("p95_ms", now.getValueAtPercentile(95) / 1_000.0);
    summary.put("p99_ms", now.getValueAtPercentile(99) / 1_000.0);
    summary.put("max_ms", now.getMaxValue() / 1_000.0);
    return summary;
  }
}
