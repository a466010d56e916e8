package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuerySyntaxTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          red shoes; red shoes
          title:red AND shoes; red shoes
          title:(red OR blue) shoes; red blue shoes
          "red shoes"~2 nike^3; red shoes nike
          shoes -red; shoes
          shoes -color:red; shoes
          shoes -(red blue) nike; shoes nike
          shoes NOT red nike; shoes nike
          shoes NOT (red blue) nike; shoes nike
          shoes !red; shoes
          +shoes +nike; shoes nike
          t-shirt; t-shirt
          shoes - red; shoes red
          price:[10 TO 20] shoes; shoes
          price:{10 TO *} shoes; shoes
          _exists_:brand shoes; shoes
          sho* wat?r; sho watr
          shoes~1; shoes
          a\\:b shoes; a:b shoes
          name:/joh?n(ath[oa]n)/ shoes; shoes
          red && shoes || nike; red shoes nike
          "unclosed phrase; unclosed phrase
          attributes.color:red; red
          C++; C++
          """)
  void theFullLanguage(String query, String words) {
    assertEquals(words, QuerySyntax.words(query));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          red + (shoes | boots) -blue; red shoes boots
          "red shoes"~2 sho*; red shoes sho
          title:red; title:red
          what is this?; what is this?
          AND; AND
          -"red shoes" boots; boots
          -(red shoes) boots; boots
          """)
  void theSimpleLanguage(String query, String words) {
    assertEquals(words, QuerySyntax.simpleWords(query));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {"-", "(", "))", "\\", "\"", "[", "/", "+-+-", "NOT", "^^^~~~", "field:"})
  void onlySyntaxIsNoText(String query) {
    QuerySyntax.words(query);
    assertEquals("", QuerySyntax.words(query).replace("\\", ""));
  }
}
