package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;
import org.reshelf.v1.PageSection;

/**
 * A part of the pages of a list, as rules describe it. Which hits fill it on a page is seen when
 * the page is there: it may be another one than the sidecar was asked for.
 *
 * @param told what the client is told of it, but for its hits
 * @param only the ids of the hits that it alone holds, where the page has any; without any it is
 *     left out. Empty for a part that is none of these
 * @param flows whether it takes hits that no other part holds, in the page's order
 * @param most how many of them
 * @param firstPage whether it is left out beyond the first page
 */
record PagePart(
    Map<String, Object> told, Set<String> only, boolean flows, long most, boolean firstPage) {

  static PagePart of(PageSection said) {
    return new PagePart(
        LayoutNotes.parsed(said.getTold()),
        new HashSet<>(said.getOnlyList()),
        said.getFlows(),
        said.hasMost() ? said.getMost() : Long.MAX_VALUE,
        said.getFirstPage());
  }

  /** The parts of one page, with the ids of their hits. */
  static List<Map<String, Object>> filled(
      List<PagePart> parts, SearchWindow window, SearchHits page) {
    List<String> ids = Arrays.stream(page.getHits()).map(SearchHit::getId).toList();
    List<String> flow = new ArrayList<>(ids);
    parts.forEach(part -> flow.removeAll(part.only()));
    int used = 0;
    List<Map<String, Object>> filled = new ArrayList<>();
    for (PagePart part : parts) {
      List<String> own = ids.stream().filter(part.only()::contains).toList();
      if (part.firstPage() && window.from() > 0 || !part.only().isEmpty() && own.isEmpty()) {
        continue;
      }
      if (part.flows()) {
        int end = used + (int) Math.min(flow.size() - used, part.most());
        own = flow.subList(used, end);
        used = end;
      }
      Map<String, Object> told = new LinkedHashMap<>(part.told());
      if (part.flows() || !part.only().isEmpty()) {
        told.put("ids", own);
      }
      filled.add(told);
    }
    return filled;
  }
}
