package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.OpenSearchParseException;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.search.PutSearchPipelineAction;
import org.opensearch.action.search.PutSearchPipelineRequest;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.action.support.ActionFilterChain;
import org.opensearch.action.support.ActionRequestMetadata;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.action.ActionResponse;
import org.opensearch.tasks.Task;

/**
 * Refuses pipelines whose processors contradict each other, when they are created or sent along
 * with a search. A processor's factory cannot: it sees its own options only.
 */
final class PipelineCheck implements ActionFilter {

  @Override
  public int order() {
    return 0;
  }

  @Override
  public <Request extends ActionRequest, Response extends ActionResponse> void apply(
      Task task,
      String action,
      Request request,
      ActionRequestMetadata<Request, Response> metadata,
      ActionListener<Response> listener,
      ActionFilterChain<Request, Response> chain) {
    try {
      if (PutSearchPipelineAction.NAME.equals(action)
          && request instanceof PutSearchPipelineRequest put) {
        check(XContentHelper.convertToMap(put.getSource(), false, put.getMediaType()).v2());
      } else if (request instanceof SearchRequest search
          && search.source() != null
          && search.source().searchPipelineSource() != null) {
        check(search.source().searchPipelineSource());
      }
    } catch (IllegalArgumentException e) {
      listener.onFailure(e);
      return;
    } catch (OpenSearchParseException e) {
      // Not even readable: OpenSearch itself says what is wrong with it.
    }
    chain.proceed(task, action, request, listener);
  }

  /**
   * @throws IllegalArgumentException saying the fix
   */
  static void check(Map<String, Object> pipeline) {
    List<Map<?, ?>> windows = processors(pipeline.get("request_processors"), WindowProcessor.TYPE);
    List<Map<?, ?>> reranks = processors(pipeline.get("response_processors"), RerankProcessor.TYPE);
    if (windows.size() > 1 || reranks.size() > 1) {
      throw new IllegalArgumentException(
          "a pipeline may have one ["
              + (windows.size() > 1 ? WindowProcessor.TYPE : RerankProcessor.TYPE)
              + "] processor only; remove the others");
    }
    if (windows.size() > reranks.size()) {
      throw new IllegalArgumentException(
          "[reshelf_window] without [reshelf] would give clients the whole window instead of their"
              + " page; add {\"reshelf\": {}} to [response_processors]");
    }
    if (reranks.size() > windows.size()) {
      throw new IllegalArgumentException(
          "[reshelf] without [reshelf_window] has no window to order; add {\"reshelf_window\":"
              + " {\"fields\": [...]}} to [request_processors]");
    }
    if (!windows.isEmpty()) {
      Object one = windows.getFirst().get("profile");
      Object other = reranks.getFirst().get("profile");
      if (one != null && other != null && !one.equals(other)) {
        throw new IllegalArgumentException(
            "[reshelf_window] names the profile ["
                + one
                + "] and [reshelf] names ["
                + other
                + "]; name it in one of them");
      }
    }
  }

  /** The options of the processors of one type. */
  private static List<Map<?, ?>> processors(Object list, String type) {
    List<Map<?, ?>> found = new ArrayList<>();
    if (list instanceof List<?> entries) {
      for (Object entry : entries) {
        if (entry instanceof Map<?, ?> processor && processor.get(type) instanceof Map<?, ?> own) {
          found.add(own);
        }
      }
    }
    return found;
  }
}
