package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opensearch.OpenSearchParseException;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.common.xcontent.XContentType;
import org.opensearch.rest.RestHeaderDefinition;

class OptionsTest {

  private static Map<String, Object> map(String json) {
    return XContentHelper.convertToMap(XContentType.JSON.xContent(), json, false);
  }

  @Test
  void windowOptionsHaveDefaults() {
    Map<String, Object> config = map("{\"fields\": [\"title\"]}");
    assertEquals(
        new WindowOptions(100, List.of("title"), "", 2_000, true),
        WindowProcessor.options(null, config));
    assertTrue(config.isEmpty(), "OpenSearch refuses what is left over");
    config = map("{\"fields\": [], \"browse\": false}");
    assertEquals(
        new WindowOptions(100, List.of(), "", 2_000, false), WindowProcessor.options(null, config));
    assertTrue(config.isEmpty());
  }

  @Test
  void rerankOptionsAreRead() {
    Map<String, Object> config =
        map(
            "{\"profile\": \"shop\", \"deadline\": \"150ms\", \"shopper\": {\"user_id\": \"u\","
                + " \"consent\": true, \"segments\": [\"tool\"]}, \"context\": {\"locale\": \"de\","
                + " \"crawler\": true, \"experiments\": {\"grid\": \"b\"}}, \"nothing_found\":"
                + " false}");
    assertEquals(
        new RerankOptions(
            "shop",
            TimeValue.timeValueMillis(150),
            new Searcher(
                Map.of(
                    "user_id", "u", "locale", "de", "segments", "tool", "experiments", "grid\tb"),
                true,
                true),
            false),
        RerankProcessor.options(null, config));
    assertTrue(config.isEmpty());
    assertEquals(
        new RerankOptions("", null, Searcher.UNKNOWN, true),
        RerankProcessor.options(null, map("{}")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {} | [fields] is required
          {"fields": "title"} | [fields] must be a list
          {"fields": ["a*"]} | without [*]
          {"fields": ["a", "a"]} | names [a] twice
          {"fields": [1]} | must hold names of fields
          {"fields": ["a..b"]} | must hold names of fields
          {"fields": [], "window": 0} | from 1 to 1000 but is [0]
          {"fields": [], "window": 1001} | from 1 to 1000 but is [1001]
          {"fields": [], "window": "100"} | from 1 to 1000
          {"fields": [], "windows": 100} | [windows] is not an option of [reshelf_window]
          {"fields": [], "browse": "yes"} | [browse] must be true or false but is [yes]
          {"fields": [], "profile": "A"} | must name a ranking profile
          """)
  void windowOptionsThatCannotWorkAreRefused(String json, String message) {
    OpenSearchParseException refused =
        assertThrows(
            OpenSearchParseException.class, () -> WindowProcessor.options(null, map(json)));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"deadline": 150} | [deadline] must be a text
          {"deadline": "150"} | must be a time with its unit
          {"deadline": "0ms"} | must be from 1ms to 1m
          {"deadline": "61s"} | must be from 1ms to 1m
          {"shopper": "u1"} | [shopper] must be an object
          {"shopper": {"user": "u1"}} | [shopper.user] is not known; allowed keys are [client_id
          {"shopper": {"consent": "yes"}} | [shopper.consent] must be true or false
          {"shopper": {"user_id": 5}} | [shopper.user_id] must be a text
          {"context": {"locale": ""}} | [context.locale] must be a text
          {"shopper": {"segments": "a"}} | [shopper.segments] must be a list of at most 32 texts
          {"shopper": {"segments": [""]}} | [shopper.segments] must be a list
          {"context": {"experiments": ["a"]}} | [context.experiments] must be an object of at most 16 names
          {"context": {"experiments": {"a": true}}} | [context.experiments] must be an object
          {"context": {"crawler": "no"}} | [context.crawler] must be true or false
          {"nothing_found": 0} | [nothing_found] must be true or false
          {"timeout": "1s"} | [timeout] is not an option of [reshelf]
          """)
  void rerankOptionsThatCannotWorkAreRefused(String json, String message) {
    OpenSearchParseException refused =
        assertThrows(
            OpenSearchParseException.class, () -> RerankProcessor.options(null, map(json)));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"request_processors": [{"reshelf_window": {}}]} | add {"reshelf": {}}
          {"response_processors": [{"reshelf": {}}]} | add {"reshelf_window"
          {"request_processors": [{"reshelf_window": {}}, {"reshelf_window": {}}], "response_processors": [{"reshelf": {}}]} | one [reshelf_window] processor only
          {"request_processors": [{"reshelf_window": {"profile": "a"}}], "response_processors": [{"reshelf": {"profile": "b"}}]} | names the profile [a]
          """)
  void contradictingProcessorsAreRefused(String json, String message) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> PipelineCheck.check(map(json)));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}
          {"request_processors": [{"filter_query": {}}], "response_processors": "odd"}
          {"request_processors": [{"reshelf_window": {}}], "response_processors": [{"reshelf": {"profile": "b"}}]}
          """)
  void otherPipelinesAreNoneOfOurBusiness(String json) {
    assertDoesNotThrow(() -> PipelineCheck.check(map(json)));
  }

  @Test
  void headersAreCopiedOnceAndNotWhereOpenSearchDoes() {
    Settings settings =
        Settings.builder()
            .put("reshelf.headers.client_id", "X-Client")
            .put("reshelf.headers.session_id", "x-client")
            .put("reshelf.headers.user_id", "X-Opaque-Id")
            .build();
    assertEquals(
        List.of("X-Client"),
        SearchSettings.restHeaders(settings).stream().map(RestHeaderDefinition::getName).toList());
    assertEquals(3, SearchSettings.headerNames(settings).size());
  }

  @Test
  void aHeaderThatIsNoneIsRefusedByTheSetting() {
    Settings settings = Settings.builder().put("reshelf.headers.user_id", "X User").build();
    assertThrows(
        IllegalArgumentException.class, () -> SearchSettings.HEADERS.get("user_id").get(settings));
  }
}
