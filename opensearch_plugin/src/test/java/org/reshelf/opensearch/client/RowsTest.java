package org.reshelf.opensearch.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.reshelf.v1.Candidate;
import org.reshelf.v1.CandidateColumns;
import org.reshelf.v1.FieldColumn;
import org.reshelf.v1.FieldValue;
import org.reshelf.v1.Query;
import org.reshelf.v1.RerankRequest;

class RowsTest {

  private static RerankRequest.Builder asked() {
    return RerankRequest.newBuilder().setQuery(Query.newBuilder().setText("red")).setExplain(true);
  }

  private static Candidate.Builder row(String id, int rank) {
    return Candidate.newBuilder().setId(id).setRank(rank);
  }

  @Test
  void everythingThatColumnsSayIsSaidInRows() {
    CandidateColumns.Builder columns =
        CandidateColumns.newBuilder()
            .addAllIds(List.of("a", "b"))
            .addAllScores(List.of(2f, 1f))
            .addAllIndices(List.of("i", "j"))
            .addAllIndexOf(List.of(1, 0))
            .addFields(FieldColumn.newBuilder().setName("t").addTexts("x").addTexts("y"))
            .addFields(
                FieldColumn.newBuilder()
                    .setName("n")
                    .addAllNumbers(List.of(1.0, 2.0))
                    .addAllCounts(List.of(0, 2)))
            .addFields(
                FieldColumn.newBuilder().setName("f").addFlags(true).addAllCounts(List.of(1, 0)));
    assertEquals(
        asked()
            .addCandidates(
                row("a", 1)
                    .setScore(2)
                    .setIndex("j")
                    .putFields("t", FieldValue.newBuilder().addTexts("x").build())
                    .putFields("f", FieldValue.newBuilder().addFlags(true).build()))
            .addCandidates(
                row("b", 2)
                    .setScore(1)
                    .setIndex("i")
                    .putFields("t", FieldValue.newBuilder().addTexts("y").build())
                    .putFields("n", FieldValue.newBuilder().addNumbers(1).addNumbers(2).build()))
            .build(),
        Rows.of(asked().setColumns(columns).build()));
  }

  @Test
  void whatIsLeftOutInColumnsIsLeftOutInRows() {
    CandidateColumns.Builder ids = CandidateColumns.newBuilder().addIds("a");
    assertEquals(
        asked().addCandidates(row("a", 1)).build(), Rows.of(asked().setColumns(ids).build()));
    ids.addIndices("i");
    assertEquals(
        asked().addCandidates(row("a", 1).setIndex("i")).build(),
        Rows.of(asked().setColumns(ids).build()));
  }
}
