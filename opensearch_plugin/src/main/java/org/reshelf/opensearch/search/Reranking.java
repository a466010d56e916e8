package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;
import org.reshelf.opensearch.client.RerankFailure;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

/**
 * One search whose window has been fetched: decides its order, and answers its page.
 *
 * <p>A first page always asks the sidecar anew; a further page keeps to what was decided for the
 * pages before it, as long as the hits are the same.
 */
final class Reranking {

  private static final Logger LOGGER = LogManager.getLogger(Reranking.class);

  private final SearchPlan plan;
  private final RerankOptions options;
  private final RerankProcessor.Parts parts;
  private final SearchRequest request;
  private final SearchResponse response;
  private final boolean profiled;
  private final ActionListener<SearchResponse> listener;
  private final long startedNanos = System.nanoTime();
  private final SearchHit[] hits;
  private final int candidates;
  private long hitsFingerprint;

  /** What the sidecar wants to be asked of the documents that it named; empty for nothing. */
  private String check = "";

  Reranking(
      SearchPlan plan,
      RerankOptions options,
      RerankProcessor.Parts parts,
      SearchRequest request,
      SearchResponse response,
      boolean profiled,
      ActionListener<SearchResponse> listener) {
    this.plan = plan;
    this.options = options;
    this.parts = parts;
    this.request = request;
    this.response = response;
    this.profiled = profiled;
    this.listener = listener;
    this.hits = response.getHits().getHits();
    this.candidates = plan.window().candidates(hits.length);
  }

  void run() {
    ActionListener<RerankResponse> answered =
        ActionListener.notifyOnce(
            new ActionListener<>() {
              @Override
              public void onResponse(RerankResponse answer) {
                accept(answer);
              }

              @Override
              public void onFailure(Exception failure) {
                fallBack(failure);
              }
            });
    RerankRequest question;
    try {
      if (candidates == 0 && !options.nothingFound()) {
        fallOpen(StepAside.NO_HITS);
        return;
      }
      hitsFingerprint = PageKey.ofHits(hits, candidates);
      Decision remembered = plan.window().from() > 0 ? remembered() : null;
      if (remembered != null) {
        answer(remembered, true);
        return;
      }
      if (candidates > 0
          && !plan.fields().isEmpty()
          && Arrays.stream(hits).noneMatch(SearchHit::hasSource)) {
        fallOpen(StepAside.FIELDS_UNAVAILABLE);
        return;
      }
      question = RequestWriter.write(plan, options, hits, candidates);
    } catch (Exception e) {
      answered.onFailure(e);
      return;
    }
    try {
      parts.client().get().rerank(question, deadline(), answered);
    } catch (RuntimeException e) {
      answered.onFailure(e);
    }
  }

  private TimeValue deadline() {
    return options.deadline() == null ? parts.defaultDeadline().get() : options.deadline();
  }

  /** The order that earlier pages of this query were cut from, or null. */
  private Decision remembered() {
    Decision decision = parts.memory().find(plan.key());
    return decision != null && decision.fits(hitsFingerprint, candidates, options)
        ? decision
        : null;
  }

  private void accept(RerankResponse answer) {
    Decision decision;
    try {
      short[] order = Answer.order(answer, hits, candidates);
      decision =
          new Decision(
              order,
              candidates,
              hitsFingerprint,
              options,
              Report.ofAnswer(answer, whyNotRanked(), plan.explains()),
              plan.explains() ? Report.explanations(answer, candidates) : List.of(),
              Answer.fetched(answer, hits, candidates),
              answer.hasLayout()
                  ? LayoutNotes.of(answer.getLayout(), order, candidates)
                  : LayoutNotes.NONE);
      check = answer.getCheck();
      if (!decision.shifts()) {
        parts.memory().remember(plan.key(), decision);
      }
    } catch (Exception e) {
      fallBack(e);
      return;
    }
    answer(decision, false);
  }

  /**
   * No order came: an order that earlier pages had may stand in, and otherwise OpenSearch's own.
   */
  private void fallBack(Exception failure) {
    StepAside reason =
        switch (failure) {
          case RerankFailure known -> known.reason();
          case BadAnswer bad -> bad.reason();
          default -> {
            LOGGER.warn("A search is answered in OpenSearch's order after a defect", failure);
            yield StepAside.INTERNAL_ERROR;
          }
        };
    Decision remembered = parts.memory().standsIn(plan.window().from()) ? remembered() : null;
    if (remembered != null) {
      answer(remembered, true);
    } else {
      parts.memory().remember(plan.key(), Decision.FELL_OPEN);
      fallOpen(reason);
    }
  }

  private void answer(Decision decision, boolean remembered) {
    if (decision.shifts()) {
      arrange(decision, remembered);
      return;
    }
    SearchHits page;
    try {
      page = cut(decision.order());
    } catch (Exception e) {
      LOGGER.warn("A search is answered in OpenSearch's order after a defect", e);
      fallOpen(StepAside.INTERNAL_ERROR);
      return;
    }
    answer(decision, page, remembered);
  }

  /** Has the page cut out of a list that rules made longer or shorter. */
  private void arrange(Decision decision, boolean remembered) {
    new Arranging(
            plan,
            request,
            response.getHits(),
            decision,
            parts,
            new DocumentCheck(plan, parts, check),
            this::timeLeft,
            new ActionListener<>() {
              @Override
              public void onResponse(Arranging.Arranged arranged) {
                // Remembered no earlier: pages after this one need to know which documents came.
                if (!remembered || arranged.decision() != decision) {
                  parts.memory().remember(plan.key(), arranged.decision());
                }
                answer(arranged.decision(), arranged.page(), remembered);
              }

              @Override
              public void onFailure(Exception defect) {
                LOGGER.warn("A search is answered in OpenSearch's order after a defect", defect);
                parts.memory().remember(plan.key(), Decision.FELL_OPEN);
                fallOpen(StepAside.INTERNAL_ERROR);
              }
            })
        .run();
  }

  /** Never below zero, which no {@link TimeValue} may be. */
  private TimeValue timeLeft() {
    return TimeValue.timeValueNanos(Math.max(0, deadline().nanos() - took()));
  }

  /** How many hits the first stage has, where it gave all of them; else below zero. */
  private int allThereAre() {
    return hits.length < plan.hitsToFetch() ? hits.length : -1;
  }

  private void answer(Decision decision, SearchHits hitsOfPage, boolean remembered) {
    SearchResponse page;
    try {
      ReshelfReport report =
          plan.reports()
              ? Report.ofDecision(
                  decision, plan, hits, hitsOfPage, allThereAre(), remembered, took())
              : null;
      page = page(hitsOfPage, report);
    } catch (Exception e) {
      LOGGER.warn("A search is answered in OpenSearch's order after a defect", e);
      fallOpen(StepAside.INTERNAL_ERROR);
      return;
    }
    if (remembered) {
      parts.stats().remembered();
    } else if (decision.reranked()) {
      parts.stats().reranked(candidates, took());
    } else {
      parts.stats().stepAside(whyNotRanked());
    }
    listener.onResponse(page);
  }

  /** What it means that the sidecar handed the first stage's order back. */
  private StepAside whyNotRanked() {
    if (candidates == 0) {
      return StepAside.NO_HITS;
    }
    return plan.browses() ? StepAside.NO_QUERY_TEXT : StepAside.SIDECAR_SKIPPED;
  }

  private void fallOpen(StepAside reason) {
    SearchResponse page;
    try {
      SearchHits own = cut(null);
      ReshelfReport report =
          plan.reports() ? Report.ofStepAside(plan, reason, own, allThereAre(), took()) : null;
      page = page(own, report);
    } catch (Exception e) {
      LOGGER.warn("A search is answered with its whole window after a defect", e);
      page = response;
    }
    parts.stats().stepAside(reason);
    listener.onResponse(page);
  }

  private SearchHits cut(short[] order) throws IOException {
    return Page.cut(response.getHits(), order, plan.window(), plan.view());
  }

  private SearchResponse page(SearchHits page, ReshelfReport report) {
    return Page.with(response, page, report, profiled, TimeUnit.NANOSECONDS.toMillis(took()));
  }

  private long took() {
    return System.nanoTime() - startedNanos;
  }
}
