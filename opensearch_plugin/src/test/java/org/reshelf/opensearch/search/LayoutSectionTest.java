package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.search.TotalHits.Relation;
import org.junit.jupiter.api.Test;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.search.SearchHit;
import org.opensearch.search.SearchHits;
import org.reshelf.opensearch.stats.StepAside;
import org.reshelf.v1.Layout;
import org.reshelf.v1.PageSection;

class LayoutSectionTest {

  private static SearchHits hits(TotalHits total, int count) {
    SearchHit[] hits =
        IntStream.range(0, count)
            .mapToObj(number -> new SearchHit(0, "d" + number, Map.of(), Map.of()))
            .toArray(SearchHit[]::new);
    return new SearchHits(hits, total, 1);
  }

  private static TotalHits exactly(long count) {
    return new TotalHits(count, Relation.EQUAL_TO);
  }

  private static Map<String, Object> section(
      String asked, SearchWindow window, SearchHits page, Decision decision) throws IOException {
    return section(asked, window, page, -1, decision);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> section(
      String asked, SearchWindow window, SearchHits page, int all, Decision decision)
      throws IOException {
    try (XContentParser parser = Parsing.parser(asked)) {
      parser.nextToken();
      SearchPlan plan =
          SearchPlan.stepAside(
              decision == null ? StepAside.BEYOND_WINDOW : null, ReshelfExt.parse(parser), window);
      Map<String, Object> report = new LinkedHashMap<>();
      LayoutSection.add(report, plan, page, all, decision);
      return (Map<String, Object>) report.get("layout");
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> pages(SearchWindow window, SearchHits page, Decision decision)
      throws IOException {
    return (Map<String, Object>) section("{\"layout\": true}", window, page, decision).get("pages");
  }

  private static Decision decision(short[] order, int candidates, Fetched... fetched) {
    return new Decision(
        order, candidates, 0, null, Map.of(), List.of(), List.of(fetched), LayoutNotes.NONE);
  }

  @Test
  void nobodyIsToldWhoDoesNotAsk() throws IOException {
    SearchWindow window = new SearchWindow(0, 10, 100);
    assertNull(section("{}", window, hits(exactly(50), 10), null));
    assertNull(section("{\"layout\": true}", null, hits(exactly(50), 10), null));
  }

  @Test
  void pagesKnowTheirNeighbours() throws IOException {
    SearchWindow window = new SearchWindow(5, 10, 100);
    assertEquals(
        Map.of(
            "from", 5,
            "size", 10,
            "total", Map.of("value", 50L, "relation", "eq"),
            "previous", Map.of("rel", "prev", "from", 0, "size", 5),
            "next", Map.of("rel", "next", "from", 15, "size", 10)),
        pages(window, hits(exactly(50), 10), null));
  }

  @Test
  void theLastPageHasNoNext() throws IOException {
    SearchWindow window = new SearchWindow(0, 10, 100);
    assertNull(pages(window, hits(exactly(10), 10), null).get("next"));
    assertNull(pages(window, hits(exactly(5), 5), null).get("next"));
    assertNull(pages(window, hits(null, 5), null).get("next"));
  }

  @Test
  void whatIsNotCountedToTheEndGoesOnWhilePagesAreFull() throws IOException {
    SearchWindow window = new SearchWindow(0, 10, 100);
    TotalHits atLeast = new TotalHits(10, Relation.GREATER_THAN_OR_EQUAL_TO);
    assertEquals(
        Map.of("rel", "next", "from", 10, "size", 10),
        pages(window, hits(atLeast, 10), null).get("next"));
    Map<String, Object> uncounted = pages(window, hits(null, 10), null);
    assertEquals(Map.of("rel", "next", "from", 10, "size", 10), uncounted.get("next"));
    assertNull(uncounted.get("total"));
  }

  @Test
  void noPageIsNamedThatTheIndicesRefuse() throws IOException {
    SearchHits page = hits(exactly(500), 10);
    assertEquals(
        Map.of("rel", "next", "from", 10, "size", 5),
        pages(new SearchWindow(0, 10, 10, 15), page, null).get("next"));
    assertNull(pages(new SearchWindow(0, 10, 10, 10), page, null).get("next"));
  }

  @Test
  void theListEndsWhereRulesLetItEnd() throws IOException {
    SearchWindow window = new SearchWindow(0, 10, 100);
    Decision removed = decision(new short[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 12);
    assertNull(pages(window, hits(exactly(12), 10), removed).get("next"));
    Fetched brought = new Fetched("x", "", 1, "r", Fetched.Presence.THERE);
    Decision longer = decision(new short[] {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 10, brought);
    assertEquals(
        Map.of("rel", "next", "from", 10, "size", 10),
        pages(window, hits(exactly(10), 10), longer).get("next"));
  }

  @Test
  void collapsedHitsAreFewerThanTheTotal() throws IOException {
    SearchWindow window = new SearchWindow(0, 10, 100);
    String asked = "{\"layout\": true}";
    Map<?, ?> last =
        (Map<?, ?>) section(asked, window, hits(exactly(50), 10), 10, null).get("pages");
    assertNull(last.get("next"));
    Map<?, ?> more =
        (Map<?, ?>) section(asked, window, hits(exactly(50), 10), 11, null).get("pages");
    assertEquals(Map.of("rel", "next", "from", 10, "size", 10), more.get("next"));
    Decision removed = decision(new short[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 11);
    Map<?, ?> fewer = (Map<?, ?>) section(asked, window, hits(null, 10), 11, removed).get("pages");
    assertNull(fewer.get("next"));
  }

  private static final Layout MADE_OF =
      Layout.newBuilder()
          .setPage("{\"sections\": [\"of another page\"], \"a\": 1}")
          .addSections(
              PageSection.newBuilder()
                  .setTold("{\"name\": \"top\"}")
                  .setFlows(true)
                  .setMost(1)
                  .setFirstPage(true))
          .addSections(
              PageSection.newBuilder().setTold("{\"name\": \"ads\"}").addOnly("d1").addOnly("d9"))
          .addSections(
              PageSection.newBuilder().setTold("{\"name\": \"row\"}").setFlows(true).setMost(2))
          .addSections(PageSection.newBuilder().setTold("{\"name\": \"words\"}"))
          .addSections(PageSection.newBuilder().setTold("{\"name\": \"rest\"}").setFlows(true))
          .build();

  private static Object sections(int from, int first, int count) throws IOException {
    short[] order = {0, 1, 2};
    Decision decision =
        new Decision(
            order, 3, 0, null, Map.of(), List.of(), List.of(), LayoutNotes.of(MADE_OF, order, 3));
    SearchHit[] hits =
        IntStream.range(first, first + count)
            .mapToObj(number -> new SearchHit(0, "d" + number, Map.of(), Map.of()))
            .toArray(SearchHit[]::new);
    SearchHits page = new SearchHits(hits, exactly(50), 1);
    Map<String, Object> section =
        section("{\"layout\": true}", new SearchWindow(from, count, 100), page, decision);
    assertEquals(1, section.get("a"));
    return section.get("sections");
  }

  private static Map<String, Object> part(String name, String... ids) {
    return Map.of("name", name, "ids", List.of(ids));
  }

  @Test
  void sectionsAreOfThePageThatIsAnswered() throws IOException {
    Map<String, Object> words = Map.of("name", "words");
    assertEquals(
        List.of(
            part("top", "d0"),
            part("ads", "d1"),
            part("row", "d2", "d3"),
            words,
            part("rest", "d4", "d5")),
        sections(0, 0, 6));
    assertEquals(
        List.of(part("row", "d6", "d7"), words, part("rest", "d8")),
        sections(6, 6, 3),
        "no hero, and no ads where none of them is there");
    assertEquals(
        List.of(part("ads", "d9"), part("row", "d10"), words, part("rest")), sections(9, 9, 2));
  }

  @Test
  void eachHitIsListedInItsPlaceWithWhatIsSaidOfIt() throws IOException {
    short[] order = {2, 0};
    Layout said =
        Layout.newBuilder()
            .setPage("{\"a\": [1]}")
            .addItems("{\"name\": \"best\"}")
            .addItems("no JSON")
            .build();
    Decision decision =
        new Decision(
            order, 3, 0, null, Map.of(), List.of(), List.of(), LayoutNotes.of(said, order, 3));
    Map<String, Object> section =
        section(
            "{\"structured_data\": true, \"layout\": true}",
            new SearchWindow(0, 3, 3),
            hits(exactly(3), 3),
            decision);
    assertEquals(List.of(1), section.get("a"));
    Map<?, ?> list = (Map<?, ?>) section.get("item_list");
    assertEquals(3, list.get("numberOfItems"));
    assertEquals(
        List.of(
            Map.of("@type", "ListItem", "position", 1, "item", Map.of("name", "best")),
            Map.of(
                "@type",
                "ListItem",
                "position",
                2,
                "item",
                Map.of("@type", "Product", "productID", "d1")),
            Map.of(
                "@type",
                "ListItem",
                "position",
                3,
                "item",
                Map.of("@type", "Product", "productID", "d2"))),
        list.get("itemListElement"));
  }

  @Test
  void descriptionsThatCannotBeTheHitsAreLeftOut() {
    Layout said = Layout.newBuilder().addItems("{}").setPage("[]").build();
    LayoutNotes notes = LayoutNotes.of(said, new short[] {0, 1}, 2);
    assertEquals(Map.of(), notes.page());
    assertEquals(Map.of(), notes.item(0));
  }
}
