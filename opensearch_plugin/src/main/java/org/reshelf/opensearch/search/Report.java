package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.Contribution;
import org.reshelf.v1.RankedHit;
import org.reshelf.v1.RerankResponse;
import org.reshelf.v1.RuleTouch;
import org.reshelf.v1.Skip;
import org.reshelf.v1.StageReport;

/** Words what happened to a search, for {@code ext.reshelf} in its answer. */
final class Report {

  private Report() {}

  /**
   * For a search that was answered in OpenSearch's own order.
   *
   * @param all how many hits the first stage has, below zero where that is not known
   */
  static ReshelfReport ofStepAside(
      SearchPlan plan, StepAside reason, SearchHits page, int all, long tookNanos) {
    Map<String, Object> report = new LinkedHashMap<>();
    String queryId = plan.asked() == null ? null : plan.asked().text("query_id");
    if (!plan.queryId().isEmpty() || queryId != null) {
      report.put("query_id", queryId == null ? plan.queryId() : queryId);
    }
    report.put("reranked", false);
    report.put("reason", reason.key());
    report.put("took_ms", millis(tookNanos));
    LayoutSection.add(report, plan, page, all, null);
    return new ReshelfReport(report);
  }

  /**
   * For a search that was answered as decided.
   *
   * @param hits the first stage's, of which the first were put in order
   * @param page what is answered
   * @param all how many hits the first stage has, below zero where that is not known
   * @param remembered whether the decision was made for an earlier page
   */
  static ReshelfReport ofDecision(
      Decision decision,
      SearchPlan plan,
      SearchHit[] hits,
      SearchHits page,
      int all,
      boolean remembered,
      long tookNanos) {
    Map<String, Object> report = new LinkedHashMap<>(decision.report());
    report.put("took_ms", millis(tookNanos));
    if (remembered) {
      report.put("remembered", true);
    }
    if (decision.explained()) {
      report.put("hits", explainedPage(decision, plan.window(), hits));
    }
    LayoutSection.add(report, plan, page, all, decision);
    return new ReshelfReport(report);
  }

  private static List<Map<String, Object>> explainedPage(
      Decision decision, SearchWindow window, SearchHit[] hits) {
    List<Map<String, Object>> page = new ArrayList<>();
    int end = window.pageEnd(decision.order().length);
    for (int i = window.pageStart(decision.order().length); i < end; i++) {
      int place = decision.order()[i];
      if (place < 0) {
        page.add(of(decision.fetched().get(-1 - place)));
        continue;
      }
      Map<String, Object> hit = new LinkedHashMap<>();
      hit.put("id", hits[place].getId());
      hit.put("index", hits[place].getIndex());
      hit.put("rank", place + 1);
      hit.putAll(decision.explanations().get(place));
      page.add(hit);
    }
    return page;
  }

  /**
   * What the sidecar said, without the hits: the part that is remembered.
   *
   * @param whyNot what it means where the sidecar handed the first stage's order back
   */
  static Map<String, Object> ofAnswer(RerankResponse answer, StepAside whyNot, boolean explain) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("query_id", answer.getQueryId());
    report.put("reranked", answer.getReranked());
    if (!answer.getReranked()) {
      report.put("reason", whyNot.key());
    }
    report.put("sidecar_took_ms", millis(answer.getTookUs() * 1_000));
    report.put("skipped", answer.getSkippedList().stream().map(Report::of).toList());
    report.put("versions", new TreeMap<>(answer.getVersionsMap()));
    if (explain) {
      report.put("stages", answer.getStagesList().stream().map(Report::of).toList());
    }
    return report;
  }

  /** Score, contributions and rules of each hit, by its first-stage place. */
  static List<Map<String, Object>> explanations(RerankResponse answer, int candidates) {
    List<Map<String, Object>> byPlace = new ArrayList<>();
    for (int i = 0; i < candidates; i++) {
      byPlace.add(Map.of());
    }
    for (RankedHit hit : answer.getHitsList()) {
      Map<String, Object> explanation = new LinkedHashMap<>();
      explanation.put("score", hit.getScore());
      explanation.put(
          "contributions", hit.getContributionsList().stream().map(Report::of).toList());
      if (hit.getRulesCount() > 0) {
        explanation.put("rules", hit.getRulesList().stream().map(Report::of).toList());
      }
      byPlace.set(hit.getRank() - 1, explanation);
    }
    return byPlace;
  }

  private static Map<String, Object> of(Skip skip) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("stage", skip.getStage());
    map.put("reason", skip.getReason());
    map.put("candidates", skip.getCandidates());
    return map;
  }

  private static Map<String, Object> of(StageReport stage) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", stage.getName());
    map.put("took_ms", millis(stage.getTookUs() * 1_000));
    map.put("candidates", stage.getCandidates());
    map.put("figures", new TreeMap<>(stage.getFiguresMap()));
    return map;
  }

  private static Map<String, Object> of(Contribution contribution) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("stage", contribution.getStage());
    map.put("name", contribution.getName());
    map.put("value", contribution.getValue());
    return map;
  }

  private static Map<String, Object> of(RuleTouch touch) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rule", touch.getRule());
    map.put("action", touch.getAction());
    map.put("outcome", touch.getOutcome());
    if (!touch.getDetail().isEmpty()) {
      map.put("detail", touch.getDetail());
    }
    return map;
  }

  /** A document that no score decided about, but a rule. */
  private static Map<String, Object> of(Fetched document) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", document.id());
    map.put("index", document.index());
    map.put("rules", List.of(Map.of("rule", document.rule(), "outcome", "fetched")));
    return map;
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1_000.0) / 1_000.0;
  }
}
