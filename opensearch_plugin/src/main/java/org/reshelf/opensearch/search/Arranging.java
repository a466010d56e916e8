package org.reshelf.opensearch.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.search.SearchResponse;
import org.opensearch.common.CheckedConsumer;
import org.opensearch.common.document.DocumentField;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.core.action.ActionListener;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;

/**
 * Cuts a page out of a list whose length rules changed: they took hits out of the window, or bring
 * documents in. A search without such rules never comes here.
 *
 * <p>The list is the window in its new order with the documents in their places, then the first
 * stage's hits behind the window without those documents. Documents that the list needs are asked
 * for first, all of them at once when the list is new: whether they are there decides where
 * everything behind them stands, on this page and on those to come. Then the page is filled up from
 * behind what was fetched. Both within the time that the search has left; without them the list is
 * as if the documents did not exist, and the page is shorter.
 */
final class Arranging {

  private static final Logger LOGGER = LogManager.getLogger(Arranging.class);

  /**
   * A page, and the decision with what is known of its documents now.
   *
   * @param page as the client asked for it
   */
  record Arranged(Decision decision, SearchHits page) {}

  private final SearchPlan plan;
  private final SearchRequest request;
  private final SearchHits window;
  private final SearchHit[] hits;
  private final RerankProcessor.Parts parts;
  private final DocumentCheck check;
  private final Supplier<TimeValue> timeLeft;
  private final ActionListener<Arranged> listener;
  private final long pageStart;
  private final long pageEnd;

  private Decision decision;

  /** The documents at hand, by their place in the decision's list of them; null for the others. */
  private final SearchHit[] documents;

  /** The places of the first stage's hits that follow the window and are at hand. */
  private List<Integer> behind = List.of();

  /** Further such hits, and which of those behind the window is the first of them. */
  private SearchHits further = SearchHits.empty();

  private int furtherFrom = Integer.MAX_VALUE;

  /**
   * @param request the search that fetched the window
   * @param window what it found
   * @param check who of the documents that nobody knows yet may be shown
   * @param timeLeft the time that follow-up searches may take, asked before each
   * @param listener called once; fails on defects only
   */
  Arranging(
      SearchPlan plan,
      SearchRequest request,
      SearchHits window,
      Decision decision,
      RerankProcessor.Parts parts,
      DocumentCheck check,
      Supplier<TimeValue> timeLeft,
      ActionListener<Arranged> listener) {
    this.plan = plan;
    this.request = request;
    this.window = window;
    this.hits = window.getHits();
    this.decision = decision;
    this.parts = parts;
    this.check = check;
    this.timeLeft = timeLeft;
    this.listener = ActionListener.notifyOnce(listener);
    this.documents = new SearchHit[decision.fetched().size()];
    this.pageStart = plan.window().from();
    this.pageEnd = pageStart + plan.window().size();
  }

  void run() {
    guarded(
        () -> {
          List<Fetched> wanted = wanted();
          if (wanted.isEmpty()) {
            fill();
          } else {
            ask(
                () ->
                    FollowUp.documents(
                        request, plan, wanted, parts.wordFields().apply(request), check.needed()),
                found -> checked(wanted, found.getHits()));
          }
        });
  }

  /** New documents, to learn whether they are there, and known ones that the page shows. */
  private List<Fetched> wanted() {
    List<Fetched> wanted = new ArrayList<>();
    for (Fetched document : decision.fetched()) {
      if (document.presence() == Fetched.Presence.UNKNOWN) {
        wanted.add(document);
      }
    }
    short[] order = decision.order();
    for (int i = (int) Math.min(pageStart, order.length);
        i < Math.min(pageEnd, order.length);
        i++) {
      if (order[i] < 0) {
        wanted.add(decision.fetched().get(-1 - order[i]));
      }
    }
    return wanted;
  }

  /** Goes on with those of the documents that may be shown. */
  private void checked(List<Fetched> wanted, SearchHit[] found) throws IOException {
    if (!check.needed()) {
      settle(wanted, found);
      fill();
      return;
    }
    check.run(
        found,
        timeLeft.get(),
        shown ->
            guarded(
                () -> {
                  settle(wanted, shown);
                  fill();
                }));
  }

  private void settle(List<Fetched> wanted, SearchHit[] found) {
    List<Fetched> known = new ArrayList<>(decision.fetched());
    int there = 0;
    for (int i = 0; i < known.size(); i++) {
      Fetched document = known.get(i);
      if (!wanted.contains(document)) {
        continue;
      }
      documents[i] = Arrays.stream(found).filter(document::is).findFirst().orElse(null);
      if (documents[i] == null) {
        known.set(i, document.with(Fetched.Presence.MISSING));
      } else {
        there++;
        boolean anyway = FollowUp.isFoundAnyway(documents[i], request.source());
        known.set(
            i, document.with(anyway ? Fetched.Presence.FOUND_ANYWAY : Fetched.Presence.THERE));
      }
    }
    parts.stats().pins(there, wanted.size() - there);
    decision = decision.with(known);
  }

  /** Finds the hits behind the window that the page needs, and ends. */
  private void fill() throws IOException {
    List<Fetched> there = decision.there();
    behind = new ArrayList<>();
    for (int i = decision.candidates(); i < hits.length; i++) {
      SearchHit hit = hits[i];
      if (there.stream().noneMatch(document -> document.is(hit))) {
        behind.add(i);
      }
    }
    long first = Math.max(behind.size(), pageStart - decision.order().length);
    long begin = decision.candidates() + first;
    long missing =
        Math.min(pageEnd - decision.order().length - first, plan.window().deepest() - begin);
    boolean thatWasAll = hits.length < request.source().size();
    if (missing <= 0 || thatWasAll) {
      finish();
      return;
    }
    furtherFrom = (int) first;
    parts.stats().filled();
    ask(
        () -> FollowUp.further(request, plan, (int) begin, (int) missing, there),
        found -> {
          further = found;
          finish();
        });
  }

  /** Goes on with what is found, or with nothing. */
  private void ask(Supplier<SearchRequest> writing, CheckedConsumer<SearchHits, IOException> goOn) {
    TimeValue left = timeLeft.get();
    SearchRequest followUp = null;
    try {
      followUp = left.nanos() > 0 ? writing.get() : null;
    } catch (RuntimeException defect) {
      // Not a reason to show what rules hide.
      LOGGER.warn("A search goes on without what it wanted to ask for besides", defect);
    }
    if (followUp == null) {
      guarded(() -> goOn.accept(SearchHits.empty()));
      return;
    }
    parts
        .followUps()
        .search(
            followUp,
            left,
            new ActionListener<>() {
              @Override
              public void onResponse(SearchResponse response) {
                guarded(() -> goOn.accept(response.getHits()));
              }

              @Override
              public void onFailure(Exception failure) {
                LOGGER.debug("A search goes on without what it asked for besides", failure);
                guarded(() -> goOn.accept(SearchHits.empty()));
              }
            });
  }

  private void finish() throws IOException {
    SearchHits page = cut();
    Arranged arranged = new Arranged(decision, page);
    listener.onResponse(arranged);
  }

  private SearchHits cut() throws IOException {
    List<SearchHit> page = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    short[] order = decision.order();
    for (long i = pageStart; i < pageEnd; i++) {
      if (i < order.length) {
        add(page, values, order[(int) i]);
      } else if (i - order.length < behind.size()) {
        add(page, values, behind.get((int) i - order.length));
      } else {
        long next = i - order.length - furtherFrom;
        if (next < 0 || next >= further.getHits().length) {
          break;
        }
        page.add(further.getHits()[(int) next]);
        values.add(valueAt(further, (int) next));
      }
    }
    return new SearchHits(
        page.toArray(SearchHit[]::new),
        window.getTotalHits(),
        window.getMaxScore(),
        window.getSortFields(),
        window.getCollapseField(),
        window.getCollapseValues() == null ? null : values.toArray());
  }

  /** Adds the hit of a place in the first stage's order, or the document below 0. */
  private void add(List<SearchHit> page, List<Object> values, int place) throws IOException {
    if (place >= 0) {
      page.add(plan.view().restore(hits[place]));
      values.add(valueAt(window, place));
      return;
    }
    SearchHit document = documents[-1 - place];
    if (document == null) {
      // It slid onto this page because another one has just gone missing.
      return;
    }
    page.add(document);
    String field = window.getCollapseField();
    DocumentField value = field == null ? null : document.field(field);
    values.add(value == null ? null : value.getValue());
  }

  private static Object valueAt(SearchHits hits, int place) {
    return hits.getCollapseValues() == null ? null : hits.getCollapseValues()[place];
  }

  /** A defect ends this search as well, and no more than once. */
  private void guarded(CheckedRunnable work) {
    try {
      work.run();
    } catch (IOException | RuntimeException defect) {
      listener.onFailure(defect);
    }
  }

  @FunctionalInterface
  private interface CheckedRunnable {
    void run() throws IOException;
  }
}
