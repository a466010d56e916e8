package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opensearch.core.common.bytes.BytesArray;
import org.reshelf.v1.FieldValue;

class FieldReaderTest {

  private static Map<String, FieldValue> read(String json, String... fields) throws IOException {
    return new FieldReader(List.of(fields)).read(new BytesArray(json), 10, 1_000);
  }

  private static FieldValue texts(String... texts) {
    return FieldValue.newBuilder().addAllTexts(List.of(texts)).build();
  }

  @Test
  void onlyTheNamedFieldsAreRead() throws IOException {
    String json =
        """
        {"title": "red", "big": {"title": "no", "x": [1, {"y": 2}]}, "price": 3, "stock": true}""";
    assertEquals(
        Map.of(
            "title", texts("red"),
            "price", FieldValue.newBuilder().addNumbers(3).build(),
            "stock", FieldValue.newBuilder().addFlags(true).build()),
        read(json, "title", "price", "stock", "absent"));
  }

  @Test
  void pathsAreFoundNestedDottedAndInLists() throws IOException {
    assertEquals(texts("s"), read("{\"a\": {\"b\": \"s\"}}", "a.b").get("a.b"));
    assertEquals(texts("s"), read("{\"a.b\": \"s\"}", "a.b").get("a.b"));
    assertEquals(texts("s"), read("{\"a\": {\"b.c\": \"s\"}}", "a.b.c").get("a.b.c"));
    assertEquals(
        texts("s", "t"), read("{\"a\": [{\"b\": \"s\"}, {\"b\": [\"t\"]}]}", "a.b").get("a.b"));
    assertEquals(texts("s", "t"), read("{\"a\": [\"s\", [\"t\"]]}", "a").get("a"));
  }

  @Test
  void nullsAndObjectsHaveNoValue() throws IOException {
    assertEquals(Map.of(), read("{\"a\": null, \"b\": {\"c\": 1}, \"d\": []}", "a", "b", "d"));
  }

  @Test
  void mixedValuesBecomeTexts() throws IOException {
    assertEquals(texts("1.0", "x", "true"), read("{\"a\": [1, \"x\", true]}", "a").get("a"));
  }

  @Test
  void textsAreCutBetweenCharactersAndValuesCounted() throws IOException {
    assertEquals(
        texts("😀".repeat(10)), read("{\"a\": \"" + "😀".repeat(11) + "\"}", "a").get("a"));
    String many = "1,".repeat(200);
    FieldValue value = read("{\"a\": [" + many + "1]}", "a").get("a");
    assertEquals(Limits.VALUES, value.getNumbersCount());
  }

  @Test
  void allTextsOfADocumentShareOneBudget() throws IOException {
    Map<String, FieldValue> read =
        new FieldReader(List.of("a", "b"))
            .read(new BytesArray("{\"a\": \"12345678\", \"b\": \"12345678\"}"), 100, 10);
    assertEquals(texts("12345678"), read.get("a"));
    assertEquals(texts("12"), read.get("b"));
  }

  @Test
  void noSourceHasNoFields() throws IOException {
    assertEquals(Map.of(), new FieldReader(List.of("a")).read(null, 10, 10));
  }
}
