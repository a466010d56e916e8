package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opensearch.index.query.QueryBuilders;

class QueryTextTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'match': {'title': 'red shoes'}} | red shoes
          {'match': {'title': {'query': 'red shoes', 'operator': 'and'}}} | red shoes
          {'match': {'size': 42}} | 42
          {'multi_match': {'query': 'red shoes', 'fields': ['title', 'brand']}} | red shoes
          {'combined_fields': {'query': 'red shoes', 'fields': ['title', 'brand']}} | red shoes
          {'match_phrase': {'title': 'red shoes'}} | red shoes
          {'match_phrase_prefix': {'title': 'red sh'}} | red sh
          {'match_bool_prefix': {'title': 'red sh'}} | red sh
          {'query_string': {'query': 'title:red AND shoes'}} | red shoes
          {'simple_query_string': {'query': '+red -blue shoes'}} | red shoes
          {'dis_max': {'queries': [{'match': {'a': 'shoes'}}, {'match': {'b': 'red shoes'}}]}} | red shoes
          {'constant_score': {'filter': {'match': {'title': 'red shoes'}}}} | red shoes
          {'function_score': {'query': {'match': {'title': 'red shoes'}}, 'boost': 2}} | red shoes
          {'script_score': {'query': {'match': {'a': 'red'}}, 'script': {'source': '1'}}} | red
          {'nested': {'path': 'a', 'query': {'match': {'a.b': 'red shoes'}}}} | red shoes
          {'boosting': {'positive': {'match': {'a': 'x'}}, 'negative': {'match': {'a': 'y'}}, 'negative_boost': 0.1}} | x
          {'bool': {'must': [{'match': {'a': 'shoes'}}], 'must_not': [{'match': {'a': 'red'}}]}} | shoes
          {'bool': {'must': [{'match': {'a': 'shoes'}}, {'match': {'b': 'nike'}}]}} | shoes nike
          {'bool': {'must': [{'match': {'a': 'red shoes'}}, {'match': {'b': 'RED'}}]}} | red shoes
          {'bool': {'must': [{'match': {'a': 'red'}}, {'match': {'b': 'red shoes'}}]}} | red shoes
          {'bool': {'must': [{'match': {'a': 'shoe'}}, {'match': {'b': 'red shoes'}}]}} | shoe red shoes
          {'bool': {'must': [{'match_all': {}}], 'should': [{'match': {'a': 'x'}}, {'match': {'a': 'x y'}}]}} | x y
          {'bool': {'filter': [{'term': {'a': 'b'}}, {'match': {'a': 'red'}}]}} | red
          {'bool': {'should': [{'bool': {'must': [{'dis_max': {'queries': [{'match': {'a': 'deep'}}]}}]}}]}} | deep
          {'match': {'title': '红色 跑鞋'}} | 红色 跑鞋
          """)
  void finds(String query, String text) {
    assertEquals(text, find(query));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'match_all': {}}
          {'term': {'brand': 'nike'}}
          {'bool': {'must_not': [{'match': {'title': 'red shoes'}}]}}
          {'match': {'title': '   '}}
          {'ids': {'values': ['1']}}
          {'query_string': {'query': '_exists_:title'}}
          """)
  void findsNothing(String query) {
    assertEquals("", find(query));
  }

  @Test
  void aSearchWithoutQueryHasNoText() {
    assertEquals("", QueryText.find(null));
  }

  @Test
  void aLongQueryIsCutBetweenCharacters() {
    String text = "😀".repeat(Limits.QUERY_CHARACTERS + 10);
    String found = QueryText.find(QueryBuilders.matchQuery("title", text));
    assertEquals("😀".repeat(Limits.QUERY_CHARACTERS), found);
  }

  @Test
  void aQueryOfAnotherPluginIsReadByItsOwnVisitor() {
    assertEquals(
        "red shoes",
        QueryText.find(new HybridLikeQuery(QueryBuilders.matchQuery("title", "red shoes"))));
  }

  private static String find(String query) {
    return QueryText.find(Parsing.search("{\"query\": " + query.replace('\'', '"') + "}").query());
  }
}
