package org.reshelf.opensearch.search;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.search.CreatePitAction;
import org.opensearch.action.search.MultiSearchAction;
import org.opensearch.action.search.SearchAction;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.action.support.ActionFilterChain;
import org.opensearch.action.support.ActionRequestMetadata;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.action.ActionResponse;
import org.opensearch.core.tasks.TaskId;
import org.opensearch.search.collapse.CollapseBuilder;
import org.opensearch.tasks.Task;

/**
 * Recognises the searches that OpenSearch makes itself: to fill the inner hits of a collapse, and
 * to open a point in time.
 *
 * <p>Those of a collapse take the index's default pipeline like any other search, one for each
 * group, even if the search that they belong to asked for none. What tells them apart is their
 * descent: a collapsing search starts a multi-search as its child task, and that starts them. A
 * client's multi-search is nobody's child. The processors hear of it by the thread context, in
 * which a pipeline begins on the same thread.
 */
final class SubSearches implements ActionFilter {

  private static final String MARK = "reshelf.sub_search";

  private final ThreadContext threadContext;

  /**
   * Ids of this node's running tasks: searches that collapse with inner hits, and their children.
   */
  private final Set<Long> collapsing = ConcurrentHashMap.newKeySet();

  private final Set<Long> expanding = ConcurrentHashMap.newKeySet();

  SubSearches(ThreadContext threadContext) {
    this.threadContext = threadContext;
  }

  /** Whether the search that begins on this thread is one of OpenSearch's own. */
  static boolean isSubSearch(ThreadContext threadContext) {
    return threadContext.getTransient(MARK) != null;
  }

  /** Last of all filters, so that none comes between the mark and the search. */
  @Override
  public int order() {
    return Integer.MAX_VALUE;
  }

  @Override
  public <Request extends ActionRequest, Response extends ActionResponse> void apply(
      Task task,
      String action,
      Request request,
      ActionRequestMetadata<Request, Response> metadata,
      ActionListener<Response> listener,
      ActionFilterChain<Request, Response> chain) {
    if (SearchAction.NAME.equals(action) && request instanceof SearchRequest search) {
      if (isChildOf(expanding, search.getParentTask())) {
        proceedMarked(task, action, request, listener, chain);
      } else if (expandsHits(search)) {
        proceedNoted(collapsing, task, action, request, listener, chain);
      } else {
        chain.proceed(task, action, request, listener);
      }
    } else if (CreatePitAction.NAME.equals(action)) {
      // It is opened by a search for nothing, through the index's pipeline.
      proceedMarked(task, action, request, listener, chain);
    } else if (MultiSearchAction.NAME.equals(action)
        && isChildOf(collapsing, request.getParentTask())) {
      proceedNoted(expanding, task, action, request, listener, chain);
    } else {
      chain.proceed(task, action, request, listener);
    }
  }

  private static boolean isChildOf(Set<Long> tasks, TaskId parent) {
    return !tasks.isEmpty() && parent.isSet() && tasks.contains(parent.getId());
  }

  private static boolean expandsHits(SearchRequest search) {
    CollapseBuilder collapse = search.source() == null ? null : search.source().collapse();
    return collapse != null && !collapse.getInnerHits().isEmpty();
  }

  private <Request extends ActionRequest, Response extends ActionResponse> void proceedMarked(
      Task task,
      String action,
      Request request,
      ActionListener<Response> listener,
      ActionFilterChain<Request, Response> chain) {
    try (ThreadContext.StoredContext ignored = threadContext.newStoredContext(true)) {
      if (!isSubSearch(threadContext)) {
        threadContext.putTransient(MARK, Boolean.TRUE);
      }
      chain.proceed(task, action, request, listener);
    }
  }

  private static <Request extends ActionRequest, Response extends ActionResponse> void proceedNoted(
      Set<Long> tasks,
      Task task,
      String action,
      Request request,
      ActionListener<Response> listener,
      ActionFilterChain<Request, Response> chain) {
    if (task == null) {
      chain.proceed(task, action, request, listener);
      return;
    }
    tasks.add(task.getId());
    chain.proceed(
        task,
        action,
        request,
        ActionListener.runBefore(listener, () -> tasks.remove(task.getId())));
  }
}
