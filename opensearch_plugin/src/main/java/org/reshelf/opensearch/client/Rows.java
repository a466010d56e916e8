package org.reshelf.opensearch.client;

import java.util.List;
import java.util.function.BiConsumer;
import org.reshelf.v1.Candidate;
import org.reshelf.v1.CandidateColumns;
import org.reshelf.v1.FieldColumn;
import org.reshelf.v1.FieldValue;
import org.reshelf.v1.RerankRequest;

/** Writes the candidates of a request one by one, for sidecars that are older than columns. */
final class Rows {

  private Rows() {}

  /** The same request with its columns made rows. */
  static RerankRequest of(RerankRequest request) {
    CandidateColumns columns = request.getColumns();
    Candidate.Builder[] rows = new Candidate.Builder[columns.getIdsCount()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Candidate.newBuilder().setId(columns.getIds(i)).setRank(i + 1);
      if (columns.getScoresCount() > 0) {
        rows[i].setScore(columns.getScores(i));
      }
      if (columns.getIndicesCount() > 0) {
        int index = columns.getIndexOfCount() > 0 ? columns.getIndexOf(i) : 0;
        rows[i].setIndex(columns.getIndices(index));
      }
    }
    for (FieldColumn column : columns.getFieldsList()) {
      spread(column, column.getTextsList(), rows, FieldValue.Builder::addTexts);
      spread(column, column.getNumbersList(), rows, FieldValue.Builder::addNumbers);
      spread(column, column.getFlagsList(), rows, FieldValue.Builder::addFlags);
    }
    RerankRequest.Builder inRows = request.toBuilder().clearColumns();
    for (Candidate.Builder row : rows) {
      inRows.addCandidates(row);
    }
    return inRows.build();
  }

  private static <T> void spread(
      FieldColumn column,
      List<T> values,
      Candidate.Builder[] rows,
      BiConsumer<FieldValue.Builder, T> adding) {
    int next = 0;
    for (int i = 0; i < rows.length && next < values.size(); i++) {
      int end = next + (column.getCountsCount() > 0 ? column.getCounts(i) : 1);
      if (end > next) {
        FieldValue.Builder value = FieldValue.newBuilder();
        while (next < end) {
          adding.accept(value, values.get(next++));
        }
        rows[i].putFields(column.getName(), value.build());
      }
    }
  }
}
