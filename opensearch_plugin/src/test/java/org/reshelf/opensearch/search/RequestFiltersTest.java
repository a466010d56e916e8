package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.QueryBuilders;

class RequestFiltersTest {

  private static QueryBuilder query(String json) {
    return Parsing.search("{\"query\": " + json.replace('\'', '"') + "}").query();
  }

  /** Where all fields hold words but `color` and `size`. */
  private static QueryBuilder filters(QueryBuilder query) {
    return RequestFilters.of(query, field -> !List.of("color", "size").contains(field));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'match_all': {}}",
        "{'match': {'title': 'red shoes'}}",
        "{'multi_match': {'query': 'red shoes', 'fields': ['title']}}",
        "{'multi_match': {'query': 'red shoes', 'fields': ['color', 'title']}}",
        "{'multi_match': {'query': 'red shoes', 'fields': ['c*']}}",
        "{'multi_match': {'query': 'red shoes'}}",
        "{'combined_fields': {'query': 'red shoes', 'fields': ['title']}}",
        "{'match_phrase': {'title': 'red shoes'}}",
        "{'match_phrase_prefix': {'title': 'red sh'}}",
        "{'match_bool_prefix': {'title': 'red sh'}}",
        "{'query_string': {'query': 'red  shoes'}}",
        "{'simple_query_string': {'query': 'red shoes'}}",
        "{'bool': {'must': [{'match': {'title': 'red'}}], 'should': [{'term': {'new': true}}]}}",
        "{'bool': {'should': [{'match': {'title': 'red'}}, {'term': {'brand': 'x'}}]}}",
        "{'bool': {'must': {'match_all': {}}, 'should': [{'term': {'a': 1}}],"
            + " 'minimum_should_match': 0}}",
        "{'dis_max': {'queries': [{'match': {'a': 'red'}}, {'term': {'b': 'red'}}]}}",
        "{'constant_score': {'filter': {'match': {'title': 'red'}}}}",
        "{'function_score': {'query': {'match': {'title': 'red'}},"
            + " 'functions': [{'filter': {'term': {'new': true}}, 'weight': 2}]}}",
        "{'script_score': {'query': {'match': {'a': 'red'}}, 'script': {'source': '1'}}}",
        "{'nested': {'path': 'a', 'query': {'match': {'a.b': 'red'}}}}",
        "{'boosting': {'positive': {'match': {'a': 'x'}}, 'negative': {'term': {'a': 'y'}},"
            + " 'negative_boost': 0.1}}",
      })
  void wordsDemandNothing(String json) {
    assertNull(filters(query(json)));
  }

  @Test
  void noQueryDemandsNothing() {
    assertNull(filters(null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'term': {'brand': 'nike'}}",
        "{'range': {'price': {'lt': 5}}}",
        "{'exists': {'field': 'brand'}}",
        "{'match': {'color': 'red'}}",
        "{'match_phrase': {'color': 'dark red'}}",
        "{'multi_match': {'query': 'red', 'fields': ['color', 'size']}}",
        "{'match': {'in_stock': true}}",
        "{'match': {'size': 42}}",
        "{'query_string': {'query': 'brand:nike shoes'}}",
        "{'query_string': {'query': 'shoes NOT red'}}",
        "{'simple_query_string': {'query': 'shoes -red'}}",
        "{'ids': {'values': ['1']}}",
        "{'nested': {'path': 'a', 'query': {'term': {'a.b': 5}}}}",
        "{'wrapper': {'query': 'eyJtYXRjaF9hbGwiOnt9fQ=='}}",
      })
  void whatIsNoWordsIsDemandedAsItIs(String json) {
    QueryBuilder query = query(json);
    assertSame(query, filters(query));
  }

  @Test
  void aQueryOfAnotherPluginIsDemandedAsAWhole() {
    QueryBuilder foreign = new HybridLikeQuery(QueryBuilders.matchQuery("title", "red"));
    assertSame(foreign, filters(foreign));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'bool': {'must': [{'match': {'t': 'red'}}, {'term': {'b': 'x'}}], 'filter': [{'range': {'p': {'lt': 5}}}], 'must_not': [{'term': {'c': 'y'}}]}} | {'bool': {'filter': [{'range': {'p': {'lt': 5}}}, {'term': {'b': 'x'}}], 'must_not': [{'term': {'c': 'y'}}]}}
          {'bool': {'filter': [{'match': {'t': 'red'}}]}} | {'bool': {'filter': [{'match': {'t': 'red'}}]}}
          {'bool': {'must_not': [{'match': {'t': 'red'}}]}} | {'bool': {'must_not': [{'match': {'t': 'red'}}]}}
          {'bool': {'must': [{'bool': {'should': [{'match': {'t': 'red'}}], 'filter': [{'term': {'b': 'x'}}]}}]}} | {'bool': {'filter': [{'bool': {'filter': [{'term': {'b': 'x'}}]}}]}}
          {'bool': {'should': [{'term': {'c': 1}}, {'term': {'c': 2}}]}} | {'bool': {'filter': [{'bool': {'should': [{'term': {'c': 1}}, {'term': {'c': 2}}], 'minimum_should_match': '1'}}]}}
          {'bool': {'must': [{'match': {'t': 'red'}}], 'should': [{'term': {'c': 1}}, {'term': {'c': 2}}, {'term': {'c': 3}}], 'minimum_should_match': 2}} | {'bool': {'filter': [{'bool': {'should': [{'term': {'c': 1}}, {'term': {'c': 2}}, {'term': {'c': 3}}], 'minimum_should_match': '2'}}]}}
          {'dis_max': {'queries': [{'term': {'c': 1}}, {'term': {'c': 2}}]}} | {'bool': {'should': [{'term': {'c': 1}}, {'term': {'c': 2}}], 'minimum_should_match': '1'}}
          {'function_score': {'query': {'bool': {'must': [{'match': {'t': 'red'}}], 'filter': [{'term': {'b': 'x'}}]}}, 'boost': 2}} | {'bool': {'filter': [{'term': {'b': 'x'}}]}}
          {'constant_score': {'filter': {'term': {'b': 'x'}}}} | {'term': {'b': 'x'}}
          {'nested': {'path': 'a', 'query': {'bool': {'must': [{'match': {'a.t': 'red'}}], 'filter': [{'term': {'a.b': 'x'}}]}}}} | {'nested': {'path': 'a', 'query': {'bool': {'filter': [{'term': {'a.b': 'x'}}]}}}}
          """)
  void filtersAreFoundBesideTheWords(String json, String demanded) {
    assertEquals(query(demanded), filters(query(json)));
  }

  /** A name of inner hits may be in a search once, and the client's own query has it. */
  @Test
  void innerHitsAreLeftOutOfFilters() {
    String nested = "{'nested': {'path': 'v', 'query': {'term': {'v.size': 38}}%s}}";
    String bool =
        "{'bool': {'filter': [{'constant_score': {'filter': %s}}], 'must_not': [{'term': {'a':"
            + " 1}}], 'should': [{'term': {'b': 1}}], 'minimum_should_match': 1}}";
    QueryBuilder asking = query(bool.formatted(nested.formatted(", 'inner_hits': {'name': 'x'}")));
    QueryBuilder silent = query(bool.formatted(nested.formatted("")));
    assertEquals(silent, InnerHits.leftOutOf(asking));
    assertSame(silent, InnerHits.leftOutOf(silent));
  }
}
