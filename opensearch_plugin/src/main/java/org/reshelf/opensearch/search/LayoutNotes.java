package org.reshelf.opensearch.search;

import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.common.xcontent.json.JsonXContent;
import org.reshelf.v1.Layout;

/**
 * What the sidecar said of a page, for clients that asked.
 *
 * @param page one object about the page; empty where nothing was said
 * @param items schema.org's description of each hit as JSON, by first-stage place, null for a hit
 *     that has none; empty where nothing was said
 * @param parts what any page of the list is made of; empty where nothing was said
 */
record LayoutNotes(Map<String, Object> page, String[] items, List<PagePart> parts) {

  static final LayoutNotes NONE = new LayoutNotes(Map.of(), new String[0], List.of());

  private static final Logger LOGGER = LogManager.getLogger(LayoutNotes.class);

  /**
   * @param said what the sidecar answered
   * @param order the first-stage places in the answered order
   * @param candidates how many hits were sent
   */
  static LayoutNotes of(Layout said, short[] order, int candidates) {
    List<String> sent = said.getItemsList();
    String[] items = new String[sent.size() == order.length ? candidates : 0];
    for (int i = 0; i < order.length && items.length > 0; i++) {
      items[order[i]] = sent.get(i);
    }
    if (items.length == 0 && !sent.isEmpty()) {
      LOGGER.warn("{} descriptions came for {} hits; they are left out", sent.size(), order.length);
    }
    List<PagePart> parts = said.getSectionsList().stream().map(PagePart::of).toList();
    return new LayoutNotes(parsed(said.getPage()), items, parts);
  }

  /** Schema.org's description of the hit at a first-stage place; empty where there is none. */
  Map<String, Object> item(int place) {
    return place < items.length && items[place] != null ? parsed(items[place]) : Map.of();
  }

  /** What is said badly is left out: the order of the hits is none the worse. */
  static Map<String, Object> parsed(String json) {
    if (json.isEmpty()) {
      return Map.of();
    }
    try {
      return XContentHelper.convertToMap(JsonXContent.jsonXContent, json, true);
    } catch (RuntimeException e) {
      LOGGER.warn("What the sidecar says of a page is no JSON object and is left out");
      return Map.of();
    }
  }
}
