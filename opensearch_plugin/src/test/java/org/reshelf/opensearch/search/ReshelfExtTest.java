package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opensearch.common.io.stream.BytesStreamOutput;
import org.opensearch.core.common.ParsingException;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.rest.RestStatus;
import org.opensearch.core.xcontent.XContentParser;

class ReshelfExtTest {

  private static final String ALL =
      """
      {"query": "red shoes", "query_id": "q1", "client_id": "c1", "session_id": "s1", \
      "user_id": "u1", "consent": false, "locale": "en-GB", "device": "mobile", \
      "channel": "web", "profile": "default", "explain": true, "crawler": true, \
      "strength": 0.25, "layout": true, "structured_data": true, "sponsored": true, \
      "segments": ["runner", "vip"], "experiments": {"grid": "b", "banner": "a"}}\
      """;

  private static ReshelfExt parse(String json) throws IOException {
    try (XContentParser parser = Parsing.parser(json)) {
      parser.nextToken();
      return ReshelfExt.parse(parser);
    }
  }

  @Test
  void everyKeyIsRead() throws IOException {
    ReshelfExt ext = parse(ALL);
    assertEquals("red shoes", ext.text("query"));
    assertEquals("u1", ext.text("user_id"));
    assertEquals("default", ext.text("profile"));
    assertEquals(false, ext.consent());
    assertTrue(ext.explain());
    assertEquals(true, ext.crawler());
    assertEquals(0.25f, ext.strength());
    assertTrue(ext.layout() && ext.structuredData() && ext.sponsored());
    assertEquals(List.of("runner", "vip"), Segments.in(ext.text("segments")));
    assertEquals(Map.of("grid", "b", "banner", "a"), Experiments.in(ext.text("experiments")));
  }

  /** Nodes of older versions read texts and flags, and nothing behind them. */
  @Test
  void onTheWireThereAreTextsAndFlagsOnly() throws IOException {
    ReshelfExt ext = parse(ALL);
    try (BytesStreamOutput out = new BytesStreamOutput()) {
      ext.writeTo(out);
      try (StreamInput in = out.bytes().streamInput()) {
        in.readMap(StreamInput::readString, StreamInput::readString);
        in.readMap(StreamInput::readString, StreamInput::readBoolean);
        assertEquals(0, in.available());
      }
    }
  }

  @Test
  void nullAndEmptyAreAsGoodAsAbsent() throws IOException {
    ReshelfExt ext =
        parse(
            "{\"query\": null, \"user_id\": \"\", \"consent\": null, \"strength\": null,"
                + " \"segments\": [], \"experiments\": {}, \"layout\": null}");
    assertEquals(parse("{}"), ext);
    assertNull(ext.text("user_id"));
    assertNull(ext.consent());
    assertNull(ext.crawler());
    assertNull(ext.strength());
    assertEquals(parse("{}"), parse("{\"segments\": null, \"experiments\": null}"));
  }

  @Test
  void noStrengthIsAnotherThingThanNone() throws IOException {
    assertEquals(0f, parse("{\"strength\": 0}").strength());
  }

  @Test
  void itCrossesTheWireAndPrintsUnderItsName() throws IOException {
    ReshelfExt ext = parse(ALL);
    assertEquals(ext, Parsing.acrossTheWire(ext, ReshelfExt::new));
    String printed = Parsing.json(ext).replaceFirst("\\{\"reshelf\":", "").replaceFirst("}$", "");
    assertEquals(ext, parse(printed));
    assertTrue(Parsing.json(ext).startsWith("{\"reshelf\":{"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"quary": "x"} | key [quary] is not known; allowed keys are [channel, client_id,
          {"query": 5} | key [query] must be a text but is a number
          {"query": ["x"]} | key [query] must be a text but is a list
          {"user_id": {"a": 1}} | key [user_id] must be a text but is an object
          {"consent": "yes"} | key [consent] must be true or false but is a string
          {"explain": 1} | key [explain] must be true or false but is a number
          {"profile": "A B"} | key [profile] may hold only
          {"strength": "1"} | key [strength] must be a number from 0 to 1 but is a string
          {"strength": 1.5} | key [strength] must be a number from 0 to 1 but is [1.5]
          {"strength": -1} | key [strength] must be a number from 0 to 1 but is [-1.0]
          {"layout": "yes"} | key [layout] must be true or false but is a string
          {"segments": "runner"} | key [segments] must be a list of at most 32 texts of 1 to 64 characters but is a string
          {"segments": ["a", 5]} | key [segments] must be a list
          {"segments": ["a", " "]} | key [segments] must be a list
          {"segments": ["a\\nb"]} | key [segments] must be a list
          {"segments": [["a"]]} | key [segments] must be a list
          {"experiments": ["a"]} | key [experiments] must be an object of at most 16 names
          {"experiments": {"a": 1}} | key [experiments] must be an object
          {"experiments": {"": "b"}} | key [experiments] must be an object
          {"experiments": {"a": {"b": "c"}}} | key [experiments] must be an object
          {"crawler": "bot"} | key [crawler] must be true or false but is a string
          [] | [ext.reshelf] must be an object
          "x" | [ext.reshelf] must be an object
          """)
  void whatIsNotUnderstoodIsRefusedByName(String json, String message) {
    ParsingException refused = assertThrows(ParsingException.class, () -> parse(json));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
    assertEquals(RestStatus.BAD_REQUEST, refused.status());
  }

  @Test
  void tooLongTextsAreRefusedWithTheirLimit() {
    for (Map.Entry<String, Integer> key :
        Map.of("query", 2048, "query_id", 128, "user_id", 128, "locale", 35, "device", 64)
            .entrySet()) {
      String json = "{\"" + key.getKey() + "\": \"" + "x".repeat(key.getValue() + 1) + "\"}";
      ParsingException refused = assertThrows(ParsingException.class, () -> parse(json));
      assertTrue(
          refused
              .getMessage()
              .contains("[" + key.getKey() + "] may have at most " + key.getValue()),
          refused.getMessage());
    }
  }

  @Test
  void theReportCrossesTheWire() throws IOException {
    ReshelfReport report =
        new ReshelfReport(Map.of("reranked", true, "took_ms", 1.5, "versions", Map.of("a", "b")));
    assertEquals(report, Parsing.acrossTheWire(report, ReshelfReport::new));
    assertTrue(Parsing.json(report).startsWith("{\"reshelf\":{"));
  }

  @Test
  void anyUbiSectionIsAcceptedAndCrossesTheWire() throws IOException {
    try (XContentParser parser =
        Parsing.parser("{\"query_id\": \"q\", \"query_attributes\": {\"a\": [1, true]}}")) {
      parser.nextToken();
      UbiExt ubi = UbiExt.parse(parser);
      assertEquals(ubi, Parsing.acrossTheWire(ubi, UbiExt::new));
      assertEquals("q", UbiExt.read(ubi).get("query_id"));
    }
  }
}
