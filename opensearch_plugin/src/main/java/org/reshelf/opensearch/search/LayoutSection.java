package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.search.TotalHits;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;

/**
 * Words {@code ext.reshelf.layout}: what rules say of the page, its neighbours, and schema.org's
 * list of its hits.
 */
final class LayoutSection {

  private LayoutSection() {}

  /**
   * Adds the section to a report, for clients that asked for it.
   *
   * @param page the hits that are answered
   * @param all how many hits the first stage has, below zero where that is not known
   * @param decision null where the page is in OpenSearch's own order
   */
  static void add(
      Map<String, Object> report, SearchPlan plan, SearchHits page, int all, Decision decision) {
    boolean layout = plan.asked().layout() || plan.asked().sponsored() || plan.explains();
    if (plan.window() == null || !(layout || plan.asked().structuredData())) {
      return;
    }
    Map<String, Object> section = new LinkedHashMap<>();
    if (layout) {
      if (decision != null) {
        section.putAll(decision.layout().page());
        if (!decision.layout().parts().isEmpty()) {
          // Those in what was said are of the page that the sidecar was asked for.
          section.put("sections", PagePart.filled(decision.layout().parts(), plan.window(), page));
        }
        List<String> missing = missing(decision);
        if (!missing.isEmpty()) {
          section.put("missing", missing);
        }
      }
      // A page behind the window is OpenSearch's own, but of a list that rules may have changed.
      Decision ofList = plan.aside() == null ? decision : plan.earlier();
      section.put("pages", pages(plan.window(), page, all, ofList));
    }
    if (plan.asked().structuredData()) {
      section.put("item_list", itemList(plan.window(), page, decision));
    }
    report.put("layout", section);
  }

  private static List<String> missing(Decision decision) {
    return decision.fetched().stream()
        .filter(document -> document.presence() == Fetched.Presence.MISSING)
        .map(Fetched::id)
        .toList();
  }

  private static Map<String, Object> pages(
      SearchWindow window, SearchHits page, int all, Decision decision) {
    Map<String, Object> pages = new LinkedHashMap<>();
    pages.put("from", window.from());
    pages.put("size", window.size());
    TotalHits total = page.getTotalHits();
    if (total != null) {
      boolean exact = total.relation() == TotalHits.Relation.EQUAL_TO;
      pages.put("total", Map.of("value", total.value(), "relation", exact ? "eq" : "gte"));
    }
    if (window.from() > 0) {
      int from = Math.max(0, window.from() - window.size());
      pages.put("previous", link("prev", from, Math.min(window.size(), window.from())));
    }
    long next = (long) window.from() + window.size();
    int room = (int) Math.min(window.size(), window.deepest() - next);
    if (room > 0 && page.getHits().length == window.size() && next < length(total, all, decision)) {
      pages.put("next", link("next", (int) next, room));
    }
    return pages;
  }

  /** How many hits the list has at most, as far as is known. */
  private static long length(TotalHits total, int all, Decision decision) {
    boolean counted = total != null && total.relation() == TotalHits.Relation.EQUAL_TO;
    if (all < 0 && !counted) {
      return Long.MAX_VALUE;
    }
    // A total counts documents: of collapsed hits there are fewer.
    long found = all < 0 ? total.value() : all;
    return decision == null || !decision.shifts()
        ? found
        : found + decision.order().length - decision.candidates() - decision.foundAnyway();
  }

  private static Map<String, Object> link(String rel, int from, int size) {
    Map<String, Object> link = new LinkedHashMap<>();
    link.put("rel", rel);
    link.put("from", from);
    link.put("size", size);
    return link;
  }

  private static Map<String, Object> itemList(
      SearchWindow window, SearchHits page, Decision decision) {
    List<Map<String, Object>> elements = new ArrayList<>();
    for (SearchHit hit : page.getHits()) {
      int place = window.from() + elements.size();
      Map<String, Object> element = new LinkedHashMap<>();
      element.put("@type", "ListItem");
      element.put("position", place + 1);
      element.put("item", item(hit, place, decision));
      elements.add(element);
    }
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("@context", "https://schema.org");
    list.put("@type", "ItemList");
    list.put("itemListOrder", "https://schema.org/ItemListOrderDescending");
    list.put("numberOfItems", elements.size());
    list.put("itemListElement", elements);
    return list;
  }

  private static Map<String, Object> item(SearchHit hit, int place, Decision decision) {
    if (decision != null && place < decision.order().length && decision.order()[place] >= 0) {
      Map<String, Object> said = decision.layout().item(decision.order()[place]);
      if (!said.isEmpty()) {
        return said;
      }
    }
    Map<String, Object> bare = new LinkedHashMap<>();
    bare.put("@type", "Product");
    bare.put("productID", hit.getId());
    return bare;
  }
}
