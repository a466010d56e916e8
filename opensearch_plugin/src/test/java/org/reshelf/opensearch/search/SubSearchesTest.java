package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.search.CreatePitAction;
import org.opensearch.action.search.CreatePitRequest;
import org.opensearch.action.search.MultiSearchAction;
import org.opensearch.action.search.MultiSearchRequest;
import org.opensearch.action.search.SearchAction;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.support.ActionFilterChain;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.action.ActionResponse;
import org.opensearch.core.tasks.TaskId;
import org.opensearch.tasks.Task;

class SubSearchesTest {

  private static final String COLLAPSE =
      "{\"collapse\": {\"field\": \"group\", \"inner_hits\": {\"name\": \"x\"}}}";

  private final ThreadContext context = new ThreadContext(Settings.EMPTY);
  private final SubSearches filter = new SubSearches(context);
  private final List<Boolean> seen = new ArrayList<>();
  private final List<ActionListener<?>> running = new ArrayList<>();

  private void start(String action, long id, ActionRequest request, TaskId parent) {
    request.setParentTask(parent);
    Task task = new Task(id, "transport", action, "", parent, Map.of());
    ActionFilterChain<ActionRequest, ActionResponse> chain =
        (chainTask, chainAction, chainRequest, chainListener) -> {
          seen.add(SubSearches.isSubSearch(context));
          running.add(chainListener);
        };
    filter.apply(task, action, request, null, ActionListener.wrap(r -> {}, e -> {}), chain);
  }

  private static SearchRequest search(String body) {
    return new SearchRequest("products").source(Parsing.search(body));
  }

  private static TaskId task(long id) {
    return new TaskId("node", id);
  }

  @Test
  void onlyTheChildrenOfACollapsesMultiSearchAreSubSearches() {
    start(SearchAction.NAME, 1, search(COLLAPSE), TaskId.EMPTY_TASK_ID);
    start(MultiSearchAction.NAME, 2, new MultiSearchRequest(), task(1));
    start(SearchAction.NAME, 3, search("{}"), task(2));
    start(SearchAction.NAME, 4, search("{}"), task(2));
    assertEquals(List.of(false, false, true, true), seen);
    assertEquals(false, SubSearches.isSubSearch(context));
  }

  @Test
  void theSearchesOfAClientsMultiSearchAreNot() {
    start(SearchAction.NAME, 1, search(COLLAPSE), TaskId.EMPTY_TASK_ID);
    start(MultiSearchAction.NAME, 5, new MultiSearchRequest(), TaskId.EMPTY_TASK_ID);
    start(SearchAction.NAME, 6, search(COLLAPSE), task(5));
    start(MultiSearchAction.NAME, 7, new MultiSearchRequest(), task(99));
    start(SearchAction.NAME, 8, search("{}"), task(7));
    assertEquals(List.of(false, false, false, false, false), seen);
  }

  @Test
  void thatOfAPointInTimeIsOne() {
    start(
        CreatePitAction.NAME,
        1,
        new CreatePitRequest(TimeValue.timeValueMinutes(1), true, "products"),
        TaskId.EMPTY_TASK_ID);
    start(SearchAction.NAME, 2, search("{}"), TaskId.EMPTY_TASK_ID);
    assertEquals(List.of(true, false), seen);
  }

  @Test
  void whatHasEndedIsForgotten() {
    start(SearchAction.NAME, 1, search(COLLAPSE), TaskId.EMPTY_TASK_ID);
    running.getFirst().onFailure(new IllegalStateException("cancelled"));
    start(MultiSearchAction.NAME, 2, new MultiSearchRequest(), task(1));
    start(SearchAction.NAME, 3, search("{}"), task(2));
    assertEquals(List.of(false, false, false), seen);
  }
}
