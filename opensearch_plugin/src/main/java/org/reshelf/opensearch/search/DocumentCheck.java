package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.search.SearchHit;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.RerankResponse;

/**
 * Asks the sidecar which of the documents that rules bring in other rules hide, by what the
 * documents say: nobody had read them when the list was made.
 *
 * <p>What is not answered, in time and as it was asked, is hidden.
 */
final class DocumentCheck {

  private static final Logger LOGGER = LogManager.getLogger(DocumentCheck.class);

  private final SearchPlan plan;
  private final RerankProcessor.Parts parts;
  private final String text;

  /**
   * @param text what the sidecar wants to be asked; empty where documents need no check
   */
  DocumentCheck(SearchPlan plan, RerankProcessor.Parts parts, String text) {
    this.plan = plan;
    this.parts = parts;
    this.text = text;
  }

  boolean needed() {
    return !text.isEmpty();
  }

  /**
   * @param documents with the fields that candidates are sent with
   * @param within the time that this may take
   * @param goOn called once, with those of the documents that may be shown, as the client asked for
   *     them
   */
  void run(SearchHit[] documents, TimeValue within, Consumer<SearchHit[]> goOn) {
    ActionListener<RerankResponse> answered =
        ActionListener.notifyOnce(
            ActionListener.wrap(
                answer -> goOn.accept(shown(documents, answer)),
                failure -> {
                  LOGGER.debug("Documents are left out: they could not be checked", failure);
                  goOn.accept(new SearchHit[0]);
                }));
    try {
      boolean unreadable =
          !plan.fields().isEmpty() && !Arrays.stream(documents).allMatch(SearchHit::hasSource);
      if (documents.length == 0 || unreadable || within.nanos() <= 0) {
        answered.onFailure(new IllegalStateException("nothing to ask, or no time for it"));
        return;
      }
      parts.client().get().rerank(RequestWriter.check(plan, documents, text), within, answered);
    } catch (IOException | RuntimeException e) {
      answered.onFailure(e);
    }
  }

  private SearchHit[] shown(SearchHit[] documents, RerankResponse answer)
      throws BadAnswer, IOException {
    if (!answer.getCheck().equals(text)) {
      // A sidecar from before there were checks has ranked them like any hits.
      throw new BadAnswer(StepAside.BAD_ANSWER_FETCH);
    }
    short[] order = Answer.order(answer, documents, documents.length);
    List<SearchHit> shown = new ArrayList<>(order.length);
    for (short place : order) {
      shown.add(plan.view().restore(documents[place]));
    }
    return shown.toArray(SearchHit[]::new);
  }
}
