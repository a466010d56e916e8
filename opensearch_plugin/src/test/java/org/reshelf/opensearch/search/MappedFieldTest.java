package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.common.xcontent.XContentType;

class MappedFieldTest {

  private static final Map<String, Object> MAPPING =
      XContentHelper.convertToMap(
          XContentType.JSON.xContent(),
          """
          {"properties": {
            "title": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
            "price": {"type": "double"},
            "colour": {"type": "alias", "path": "attributes.color"},
            "attributes": {"properties": {
              "brand": {"properties": {"name": {"type": "text", "fields": {
                "keyword": {"type": "keyword"}}}}},
              "color": {"type": "keyword", "fields": {"words": {"type": "text"}}}}},
            "with.dots": {"type": "boolean"},
            "odd": {"type": "novel"}}}\
          """,
          false);

  @ParameterizedTest
  @CsvSource({
    "title.raw, title",
    "price, price",
    "attributes.color, attributes.color",
    "attributes.brand.name.keyword, attributes.brand.name",
    "colour, attributes.color",
    "with.dots, with.dots"
  })
  void valuesTakenAsTheyAre(String field, String document) {
    assertEquals(document, MappedField.exact(MAPPING, field));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"title", "attributes.color.words", "odd", "attributes", "unknown", "title.no", ""})
  void wordsAndWhatIsNotKnown(String field) {
    assertNull(MappedField.exact(MAPPING, field));
    assertNull(MappedField.exact(Map.of(), field));
  }
}
