package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.reshelf.v1.FieldFilter;

class EqualityFiltersTest {

  /** As `field=value,value; …`, where all fields are exact but `title`. */
  private static String filters(String body) {
    List<FieldFilter> found =
        EqualityFilters.of(
            Parsing.search(body.replace('\'', '"')), () -> EqualityFiltersTest::exact);
    return found.stream()
        .map(filter -> filter.getField() + "=" + String.join(",", filter.getValuesList()))
        .collect(Collectors.joining("; "));
  }

  private static String exact(String field) {
    return field.equals("title") ? "" : field.replace(".keyword", "");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'term': {'category': 'Shoes'}} | category=Shoes
          {'term': {'brand.keyword': 'Nike'}} | brand=Nike
          {'term': {'category': {'value': 'Shoes', 'case_insensitive': true}}} | category=Shoes
          {'terms': {'category': ['Shoes', 'Boots']}} | category=Shoes,Boots
          {'terms': {'size': [42, 42.5, 43.0]}} | size=42,42.5,43
          {'term': {'in_stock': true}} | in_stock=true
          {'constant_score': {'filter': {'term': {'a': 'x'}}}} | a=x
          {'function_score': {'query': {'term': {'a': 'x'}}, 'field_value_factor': {'field': 'b'}}} | a=x
          {'script_score': {'query': {'term': {'a': 'x'}}, 'script': {'source': '1'}}} | a=x
          {'bool': {'must': [{'match': {'title': 'red'}}, {'term': {'a': 'x'}}], 'filter': {'term': {'b': 'y'}}}} | a=x; b=y
          {'bool': {'filter': [{'bool': {'must': {'term': {'a': 'x'}}}}, {'term': {'a': 'x'}}, {'term': {'a': 'z'}}]}} | a=x; a=z
          {'bool': {'filter': {'bool': {'should': [{'term': {'a': 'x'}}, {'terms': {'a': ['y', 'z']}}]}}}} | a=x,y,z
          {'bool': {'must': {'match': {'title': 'red'}}, 'should': {'term': {'a': 'x'}}, 'minimum_should_match': 1}} | a=x
          """)
  void equalityIsFound(String query, String filters) {
    assertEquals(filters, filters("{'query': " + query + "}"));
  }

  @Test
  void aFilterOnTheHitsCountsAsWell() {
    assertEquals(
        "a=x; b=y",
        filters("{'query': {'term': {'a': 'x'}}, 'post_filter': {'terms': {'b': ['y']}}}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'match_all': {}}",
        "{'match': {'category': 'Shoes'}}",
        "{'term': {'title': 'shoes'}}",
        "{'range': {'price': {'lte': 5}}}",
        "{'exists': {'field': 'brand'}}",
        "{'term': {'_index': 'shop'}}",
        "{'ids': {'values': ['1']}}",
        "{'term': {'a': ' '}}",
        "{'terms': {'a': []}}",
        "{'terms': {'a': {'index': 'other', 'id': '1', 'path': 'p'}}}",
        "{'bool': {'must_not': {'term': {'a': 'x'}}}}",
        "{'bool': {'must': {'match_all': {}}, 'should': {'term': {'a': 'x'}}}}",
        "{'bool': {'should': [{'term': {'a': 'x'}}, {'term': {'b': 'y'}}]}}",
        "{'bool': {'should': [{'term': {'a': 'x'}}, {'match': {'title': 'red'}}]}}",
        "{'bool': {'should': {'term': {'a': 'x'}}, 'minimum_should_match': '-100%'}}",
        "{'dis_max': {'queries': [{'term': {'a': 'x'}}, {'term': {'a': 'y'}}]}}",
        "{'nested': {'path': 'v', 'query': {'term': {'v.size': 38}}}}",
      })
  void whatIsMoreOrLessThanEqualityIsLeftOut(String query) {
    assertEquals("", filters("{'query': " + query + "}"));
  }

  @Test
  void mappingsAreNotLookedIntoWithoutTerms() {
    List<FieldFilter> none =
        EqualityFilters.of(
            Parsing.search("{\"query\": {\"match_all\": {}}}"), () -> fail("was asked"));
    assertEquals(List.of(), none);
    assertEquals(List.of(), EqualityFilters.of(new SearchSourceBuilder(), () -> fail("was asked")));
  }

  @Test
  void thereAreBounds() {
    String many =
        IntStream.range(0, 100)
            .mapToObj(i -> "{'term': {'f" + i + "': 1}}")
            .collect(Collectors.joining(","));
    String found = filters("{'query': {'bool': {'filter': [" + many + "]}}}");
    assertEquals(Limits.FILTERS, found.split("; ").length);
    String values =
        IntStream.range(0, 65).mapToObj(i -> "'v" + i + "'").collect(Collectors.joining(","));
    assertEquals("", filters("{'query': {'terms': {'a': [" + values + "]}}}"));
    assertEquals("", filters("{'query': {'term': {'a': '" + "x".repeat(257) + "'}}}"));
    assertEquals(
        "a=" + "x".repeat(256), filters("{'query': {'term': {'a': '" + "x".repeat(256) + "'}}}"));
  }
}
