package org.reshelf.opensearch.search;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.reshelf.v1.CandidateColumns;
import org.reshelf.v1.FieldColumn;

/** Gathers the fields of one candidate after the other into the contract's columns. */
final class FieldColumns {

  /** The values of one kind of one field, and how many of them each candidate has. */
  private static final class Column {
    private final FieldColumn.Builder values;
    private final int[] counts;

    Column(String name, int candidates) {
      values = FieldColumn.newBuilder().setName(name);
      counts = new int[candidates];
    }

    FieldColumn build() {
      if (Arrays.stream(counts).anyMatch(count -> count != 1)) {
        for (int count : counts) {
          values.addCounts(count);
        }
      }
      return values.build();
    }
  }

  private final List<String> names;
  private final int candidates;
  private final Column[] texts;
  private final Column[] numbers;
  private final Column[] flags;

  /**
   * @param names the fields
   * @param candidates how many there will be
   */
  FieldColumns(List<String> names, int candidates) {
    this.names = names;
    this.candidates = candidates;
    texts = new Column[names.size()];
    numbers = new Column[names.size()];
    flags = new Column[names.size()];
  }

  /**
   * @param place the candidate's, from 0
   * @param values of each field, texts, {@link Double}s and {@link Boolean}s: one kind a field, a
   *     mixture is sent as texts
   */
  void add(int place, List<List<Object>> values) {
    for (int field = 0; field < values.size(); field++) {
      List<Object> list = values.get(field);
      if (list.isEmpty()) {
        continue;
      }
      if (all(list, Double.class)) {
        add(numbers, field, place, list, (column, value) -> column.addNumbers((Double) value));
      } else if (all(list, Boolean.class)) {
        add(flags, field, place, list, (column, value) -> column.addFlags((Boolean) value));
      } else {
        add(texts, field, place, list, (column, value) -> column.addTexts(value.toString()));
      }
    }
  }

  void addTo(CandidateColumns.Builder columns) {
    for (Column[] kind : List.of(texts, numbers, flags)) {
      for (Column column : kind) {
        if (column != null) {
          columns.addFields(column.build());
        }
      }
    }
  }

  private void add(
      Column[] kind,
      int field,
      int place,
      List<Object> values,
      BiConsumer<FieldColumn.Builder, Object> adding) {
    if (kind[field] == null) {
      kind[field] = new Column(names.get(field), candidates);
    }
    Column column = kind[field];
    column.counts[place] = values.size();
    for (Object value : values) {
      adding.accept(column.values, value);
    }
  }

  private static boolean all(List<Object> values, Class<?> kind) {
    for (Object value : values) {
      if (!kind.isInstance(value)) {
        return false;
      }
    }
    return true;
  }
}
