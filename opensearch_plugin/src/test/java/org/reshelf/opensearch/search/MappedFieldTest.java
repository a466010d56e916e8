package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
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
              "color": {"type": "keyword", "fields": {"words": {"type": "text"}}}}},
            "with.dots": {"type": "boolean"},
            "odd": {"type": "novel"}}}\
          """,
          false);

  @ParameterizedTest
  @ValueSource(strings = {"title.raw", "price", "attributes.color", "colour", "with.dots"})
  void valuesTakenAsTheyAre(String field) {
    assertTrue(MappedField.isExact(MAPPING, field));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"title", "attributes.color.words", "odd", "attributes", "unknown", "title.no", ""})
  void wordsAndWhatIsNotKnown(String field) {
    assertFalse(MappedField.isExact(MAPPING, field));
    assertFalse(MappedField.isExact(Map.of(), field));
  }
}
