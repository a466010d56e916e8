package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.common.xcontent.XContentType;
import org.opensearch.core.common.bytes.BytesArray;
import org.opensearch.core.common.bytes.BytesReference;
import org.opensearch.core.xcontent.MediaTypeRegistry;
import org.opensearch.search.SearchHit;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.search.fetch.subphase.FetchSourceContext;
import org.opensearch.search.lookup.SourceLookup;

class SourceViewTest {

  private static final List<String> FIELDS = List.of("title", "attributes.size");
  private static final String DOCUMENT =
      """
      {"title": "red shoes", "brand": "nike", "attributes": {"size": "42", "width": "g"}, \
      "vector": [1, 2], "list": [{"a": 1, "b": 2}]}""";

  /** What the fetch phase gives for a view; null for none. */
  private static BytesReference fetched(FetchSourceContext view) {
    if (!view.fetchSource()) {
      return null;
    }
    if (view.includes().length + view.excludes().length == 0) {
      return new BytesArray(DOCUMENT);
    }
    SourceLookup lookup = new SourceLookup();
    lookup.setSource(new BytesArray(DOCUMENT));
    @SuppressWarnings("unchecked")
    Map<String, Object> map = (Map<String, Object>) lookup.filter(view);
    try (var builder = XContentType.JSON.contentBuilder()) {
      return BytesReference.bytes(builder.map(map));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"_source\": true}",
        "{\"_source\": false}",
        "{\"_source\": \"brand\"}",
        "{\"_source\": [\"title\"]}",
        "{\"_source\": [\"attributes.*\"]}",
        "{\"_source\": [\"attributes\", \"t*\"]}",
        "{\"_source\": [\"nothing\"]}",
        "{\"_source\": {\"excludes\": [\"title\"]}}",
        "{\"_source\": {\"excludes\": [\"vector\"]}}",
        "{\"_source\": {\"excludes\": [\"*.size\", \"list.a\"]}}",
        "{\"_source\": {\"excludes\": [\"attributes\"]}}",
        "{\"_source\": {\"includes\": [\"attributes.width\", \"list.b\"], \"excludes\": [\"*.a\"]}}",
        "{\"stored_fields\": [\"brand\"]}",
        "{\"stored_fields\": []}",
        "{\"stored_fields\": [\"_source\"], \"_source\": {\"includes\": [\"brand\"]}}",
        "{\"script_fields\": {\"x\": {\"script\": \"1\"}}}",
      })
  void theRankingGetsItsFieldsAndTheClientExactlyItsOwn(String body) throws IOException {
    SearchSourceBuilder asked = Parsing.search(body);
    SearchSourceBuilder sent = Parsing.search(body);
    SourceView view = SourceView.of(asked, FIELDS);
    view.widen(sent);

    FetchSourceContext client = effective(asked);
    BytesReference source = fetched(effective(sent));
    List<List<Object>> read = new FieldReader(FIELDS).read(source, 100, 100);
    long found = read.stream().filter(values -> values.isEmpty() == false).count();
    assertEquals(2, found, "fields read of " + source);

    SearchHit hit = new SearchHit(1, "id", Map.of(), Map.of());
    hit.sourceRef(source);
    BytesReference restored = view.restore(hit).getSourceRef();
    BytesReference expected = fetched(client);
    if (expected == null) {
      assertNull(restored);
    } else {
      assertEquals(map(expected), map(restored));
      if (client.includes().length + client.excludes().length == 0) {
        assertSame(source, restored, "an unfiltered source keeps its very bytes");
      }
    }
  }

  /** The fetch phase's defaults, told once more. */
  private static FetchSourceContext effective(SearchSourceBuilder source) {
    if (source.fetchSource() != null) {
      return source.fetchSource();
    }
    boolean scripts = source.scriptFields() != null && !source.scriptFields().isEmpty();
    return source.storedFields() != null || scripts
        ? FetchSourceContext.DO_NOT_FETCH_SOURCE
        : FetchSourceContext.FETCH_SOURCE;
  }

  private static Map<String, Object> map(BytesReference source) {
    return XContentHelper.convertToMap(source, true, MediaTypeRegistry.JSON).v2();
  }

  @Test
  void whatDoesNotConcernTheRankingStaysOut() {
    SearchSourceBuilder source =
        Parsing.search("{\"_source\": {\"excludes\": [\"vector\", \"*_vector\", \"title\"]}}");
    SourceView.of(source, FIELDS).widen(source);
    assertEquals(List.of("vector", "*_vector"), List.of(source.fetchSource().excludes()));
  }

  @Test
  void aViewThatHoldsTheFieldsIsNotTouched() {
    SearchSourceBuilder source =
        Parsing.search(
            "{\"_source\": {\"includes\": [\"title\", \"attr*\"], \"excludes\": [\"x\"]}}");
    assertFalse(SourceView.of(source, FIELDS).restores());
    assertFalse(SourceView.of(Parsing.search("{\"_source\": false}"), List.of()).restores());
  }

  @Test
  void hitsWithoutIdsAreForbidden() {
    assertTrue(SourceView.forbidden(Parsing.search("{\"stored_fields\": \"_none_\"}")));
    assertFalse(SourceView.forbidden(Parsing.search("{\"stored_fields\": []}")));
    assertFalse(SourceView.forbidden(Parsing.search("{}")));
  }
}
