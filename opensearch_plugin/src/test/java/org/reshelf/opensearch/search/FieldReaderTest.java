package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opensearch.core.common.bytes.BytesArray;

class FieldReaderTest {

  /** The fields that a document has. */
  private static Map<String, List<Object>> read(String json, String... fields) throws IOException {
    return read(new FieldReader(List.of(fields)), json, 10, 1_000, fields);
  }

  private static Map<String, List<Object>> read(
      FieldReader reader, String json, int perText, int perDocument, String... fields)
      throws IOException {
    BytesArray source = json == null ? null : new BytesArray(json);
    List<List<Object>> values = reader.read(source, perText, perDocument);
    Map<String, List<Object>> found = new HashMap<>();
    for (int i = 0; i < fields.length; i++) {
      if (!values.get(i).isEmpty()) {
        found.put(fields[i], List.copyOf(values.get(i)));
      }
    }
    return found;
  }

  private static List<Object> texts(String... texts) {
    return List.of((Object[]) texts);
  }

  @Test
  void onlyTheNamedFieldsAreRead() throws IOException {
    String json =
        """
        {"title": "red", "big": {"title": "no", "x": [1, {"y": 2}]}, "price": 3, "stock": true}""";
    assertEquals(
        Map.of(
            "title", texts("red"),
            "price", List.of(3.0),
            "stock", List.of(true)),
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
  void oneDocumentLeavesNothingToTheNext() throws IOException {
    FieldReader reader = new FieldReader(List.of("a", "b"));
    read(reader, "{\"a\": \"x\", \"b\": 1}", 10, 10, "a", "b");
    assertEquals(Map.of("b", texts("y")), read(reader, "{\"b\": \"y\"}", 10, 10, "a", "b"));
    assertEquals(Map.of(), read(reader, null, 10, 10, "a", "b"));
  }

  @Test
  void nothingBehindTheLastFieldIsRead() throws IOException {
    assertEquals(Map.of("a", texts("x")), read("{\"b\": 1, \"a\": \"x\", no source", "a"));
  }

  @Test
  void aFieldInAnObjectMayComeInSeveralPlaces() throws IOException {
    assertEquals(
        texts("s", "t"), read("{\"a\": {\"b\": \"s\"}, \"a.b\": \"t\"}", "a.b").get("a.b"));
  }

  @Test
  void textsAreCutBetweenCharactersAndValuesCounted() throws IOException {
    assertEquals(
        texts("😀".repeat(10)), read("{\"a\": \"" + "😀".repeat(11) + "\"}", "a").get("a"));
    String many = "\"1\",".repeat(200);
    assertEquals(Limits.VALUES, read("{\"a\": [" + many + "\"1\"]}", "a").get("a").size());
  }

  @Test
  void aVectorIsReadWhole() throws IOException {
    String vector = "[" + "0.25,".repeat(767) + "-1]";
    List<Object> numbers = read("{\"a\": " + vector + ", \"b\": 1}", "a").get("a");
    assertEquals(768, numbers.size());
    assertEquals(-1.0, numbers.get(767));
    String endless = "1,".repeat(5000);
    assertEquals(Limits.NUMBERS, read("{\"a\": [" + endless + "1]}", "a").get("a").size());
  }

  @Test
  void allTextsOfADocumentShareOneBudget() throws IOException {
    Map<String, List<Object>> read =
        read(
            new FieldReader(List.of("a", "b")),
            "{\"a\": \"12345678\", \"b\": \"12345678\"}",
            100,
            10,
            "a",
            "b");
    assertEquals(texts("12345678"), read.get("a"));
    assertEquals(texts("12"), read.get("b"));
  }

  @Test
  void noSourceHasNoFields() throws IOException {
    assertEquals(Map.of(), read(null, "a"));
  }
}
