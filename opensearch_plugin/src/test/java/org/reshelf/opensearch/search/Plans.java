package org.reshelf.opensearch.search;

import java.util.List;

/** Plans of searches of which only the window and what is read of documents matter. */
final class Plans {

  private Plans() {}

  static SearchPlan of(
      ReshelfExt asked, SearchWindow window, SourceView view, List<String> fields) {
    return new SearchPlan(
        null,
        asked,
        window,
        view,
        fields,
        100,
        "red",
        List.of(),
        "q",
        "",
        "",
        Searcher.UNKNOWN,
        null,
        0,
        null);
  }
}
