package org.reshelf.opensearch.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reshelf.v1.CandidateColumns;
import org.reshelf.v1.FieldColumn;

class FieldColumnsTest {

  /** The columns of candidates, each a list of the fields' values. */
  @SafeVarargs
  private static List<FieldColumn> columns(
      List<String> names, List<? extends List<?>>... candidates) {
    FieldColumns columns = new FieldColumns(names, candidates.length);
    for (int i = 0; i < candidates.length; i++) {
      columns.add(i, candidates[i].stream().map(List::<Object>copyOf).toList());
    }
    CandidateColumns.Builder built = CandidateColumns.newBuilder();
    columns.addTo(built);
    return built.getFieldsList();
  }

  private static FieldColumn.Builder column(String name) {
    return FieldColumn.newBuilder().setName(name);
  }

  @Test
  void oneValueEachNeedsNoCounts() {
    assertEquals(
        List.of(
            column("title").addTexts("x").addTexts("y").build(),
            column("price").addNumbers(1).addNumbers(2).build(),
            column("new").addFlags(true).addFlags(false).build()),
        columns(
            List.of("title", "price", "new"),
            List.of(List.of("x"), List.of(1.0), List.of(true)),
            List.of(List.of("y"), List.of(2.0), List.of(false))));
  }

  @Test
  void countsSayWhoHasHowMany() {
    assertEquals(
        List.of(
            column("a")
                .addAllTexts(List.of("x", "y", "z"))
                .addAllCounts(List.of(0, 2, 0, 1))
                .build()),
        columns(
            List.of("a"),
            List.of(List.of()),
            List.of(List.of("x", "y")),
            List.of(List.of()),
            List.of(List.of("z"))));
  }

  @Test
  void aFieldThatNobodyHasIsNotSent() {
    assertEquals(List.of(), columns(List.of("a"), List.of(List.of()), List.of(List.of())));
  }

  @Test
  void eachKindHasAColumnAndMixedValuesOfACandidateAreTexts() {
    assertEquals(
        List.of(
            column("a")
                .addAllTexts(List.of("1.0", "x", "true"))
                .addAllCounts(List.of(0, 3))
                .build(),
            column("a").addNumbers(5).addAllCounts(List.of(1, 0)).build()),
        columns(List.of("a"), List.of(List.of(5.0)), List.of(List.of(1.0, "x", true))));
  }
}
