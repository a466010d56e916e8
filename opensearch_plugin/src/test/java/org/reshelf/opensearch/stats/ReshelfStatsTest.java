package org.reshelf.opensearch.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.opensearch.Version;
import org.opensearch.cluster.node.DiscoveryNode;
import org.opensearch.common.io.stream.BytesStreamOutput;
import org.opensearch.core.common.transport.TransportAddress;

class ReshelfStatsTest {

  private final ReshelfStats stats = new ReshelfStats();

  @Test
  @SuppressWarnings("unchecked")
  void everyReasonIsThereFromTheStart() {
    Map<String, Object> reasons = (Map<String, Object>) stats.asMap().get("stepped_aside");
    assertEquals(StepAside.values().length, reasons.size());
    assertTrue(reasons.values().stream().allMatch(Long.valueOf(0)::equals));
    assertTrue(reasons.containsKey("bad_answer_duplicate"));
  }

  @Test
  @SuppressWarnings("unchecked")
  void countsWhatHappened() {
    stats.stepAside(StepAside.DEADLINE);
    stats.stepAside(StepAside.DEADLINE);
    stats.reranked(50, TimeUnit.MILLISECONDS.toNanos(3));
    stats.reranked(100, TimeUnit.MILLISECONDS.toNanos(5));
    stats.remembered();
    stats.pins(2, 1);
    stats.pins(0, 3);
    stats.filled();
    Map<String, Object> figures = stats.asMap();
    assertEquals(2L, ((Map<String, Object>) figures.get("stepped_aside")).get("deadline"));
    assertEquals(2L, figures.get("reranked"));
    assertEquals(150L, figures.get("candidates"));
    assertEquals(1L, figures.get("remembered"));
    assertEquals(2L, figures.get("pins_fetched"));
    assertEquals(4L, figures.get("pins_missing"));
    assertEquals(1L, figures.get("pages_filled"));
    assertEquals(2L, ((Map<String, Object>) figures.get("rerank_time")).get("count"));
  }

  @Test
  void percentilesAreTrueToAHundredth() {
    LatencyHistogram histogram = new LatencyHistogram();
    for (int millis = 1; millis <= 1_000; millis++) {
      histogram.add(TimeUnit.MILLISECONDS.toNanos(millis));
    }
    Map<String, Object> summary = histogram.summary();
    assertEquals(1_000L, summary.get("count"));
    assertEquals(500.0, (double) summary.get("p50_ms"), 5);
    assertEquals(950.0, (double) summary.get("p95_ms"), 10);
    assertEquals(990.0, (double) summary.get("p99_ms"), 10);
    assertEquals(1_000.0, (double) summary.get("max_ms"), 10);
  }

  @Test
  void absurdTimesAreHeldToTheBounds() {
    LatencyHistogram histogram = new LatencyHistogram();
    histogram.add(-5);
    histogram.add(Long.MAX_VALUE);
    assertEquals(2L, histogram.summary().get("count"));
    assertEquals(60_000.0, (double) histogram.summary().get("max_ms"), 600);
  }

  @Test
  void theFiguresCrossTheWire() throws IOException {
    stats.stepAside(StepAside.TLS);
    Map<String, Object> figures = stats.asMap();
    figures.put("client", Map.of("targets", List.of(Map.of("state", "open", "calls", 3L))));
    DiscoveryNode node =
        new DiscoveryNode(
            "node-1",
            new TransportAddress(TransportAddress.META_ADDRESS, 9300),
            Map.of(),
            Set.of(),
            Version.CURRENT);
    BytesStreamOutput out = new BytesStreamOutput();
    new ReshelfStatsResponse.Node(node, figures).writeTo(out);
    assertEquals(figures, new ReshelfStatsResponse.Node(out.bytes().streamInput()).figures());
  }
}
