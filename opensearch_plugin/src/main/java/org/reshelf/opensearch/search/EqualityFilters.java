package org.reshelf.opensearch.search;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.opensearch.index.query.BoolQueryBuilder;
import org.opensearch.index.query.BoostingQueryBuilder;
import org.opensearch.index.query.ConstantScoreQueryBuilder;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.TermQueryBuilder;
import org.opensearch.index.query.TermsQueryBuilder;
import org.opensearch.index.query.functionscore.FunctionScoreQueryBuilder;
import org.opensearch.index.query.functionscore.ScriptScoreQueryBuilder;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.reshelf.v1.FieldFilter;

/**
 * Finds what a search is restricted to by plain equality: the filters that make a category page,
 * and the facets that a shopper chose. Rules ask for them.
 *
 * <p>Each is true of every hit. What is more than equality (ranges, negations, scripts,
 * alternatives of several fields), or too long, is left out: rules then know less of the search,
 * and nothing wrong.
 */
final class EqualityFilters {

  private final List<FieldFilter> found = new ArrayList<>();

  private EqualityFilters() {}

  /**
   * At most {@link Limits#FILTERS}, each once, in the order in which the query has them.
   *
   * @param exactFields tells the document's field whose values an index takes as they are, empty
   *     for a field in which words are looked for: to ask such a one for a term is no equality.
   *     Asked for where the query has terms
   */
  static List<FieldFilter> of(
      SearchSourceBuilder source, Supplier<UnaryOperator<String>> exactFields) {
    EqualityFilters filters = new EqualityFilters();
    filters.add(source.query());
    filters.add(source.postFilter());
    if (filters.found.isEmpty()) {
      return List.of();
    }
    UnaryOperator<String> exact = exactFields.get();
    return filters.found.stream()
        .map(filter -> filter.toBuilder().setField(exact.apply(filter.getField())).build())
        .filter(filter -> !filter.getField().isEmpty())
        .distinct()
        .limit(Limits.FILTERS)
        .toList();
  }

  private void add(QueryBuilder query) {
    switch (query) {
      case null -> {}
      case BoolQueryBuilder q -> {
        q.must().forEach(this::add);
        q.filter().forEach(this::add);
        if (needsOneOf(q)) {
          add(oneOf(q.should()));
        }
      }
      case ConstantScoreQueryBuilder q -> add(q.innerQuery());
      case FunctionScoreQueryBuilder q -> add(q.query());
      case ScriptScoreQueryBuilder q -> add(q.query());
      case BoostingQueryBuilder q -> add(q.positiveQuery());
      default -> add(equality(query));
    }
  }

  private void add(FieldFilter filter) {
    if (filter != null) {
      found.add(filter);
    }
  }

  /** Whether surely every hit matches one of the `should` clauses. */
  private static boolean needsOneOf(BoolQueryBuilder query) {
    String atLeast = query.minimumShouldMatch();
    return !query.should().isEmpty()
        && (atLeast == null
            ? query.must().isEmpty() && query.filter().isEmpty()
            : atLeast.strip().matches("[1-9][0-9]*"));
  }

  private static FieldFilter equality(QueryBuilder query) {
    return switch (query) {
      case TermQueryBuilder q -> equality(q.fieldName(), List.of(q.value()));
      case TermsQueryBuilder q when q.termsLookup() == null -> equality(q.fieldName(), q.values());
      default -> null;
    };
  }

  /** Facets of one field of which several were chosen; null where the clauses are anything else. */
  private static FieldFilter oneOf(List<QueryBuilder> clauses) {
    String field = null;
    List<String> values = new ArrayList<>();
    for (QueryBuilder clause : clauses) {
      FieldFilter one = equality(clause);
      if (one == null || (field != null && !field.equals(one.getField()))) {
        return null;
      }
      field = one.getField();
      values.addAll(one.getValuesList());
    }
    return equality(field, values);
  }

  private static FieldFilter equality(String field, List<?> values) {
    boolean fits =
        !values.isEmpty()
            && values.size() <= Limits.FILTER_VALUES
            && field.length() <= Limits.FIELD_NAME_CHARACTERS
            && !field.startsWith("_");
    if (!fits) {
      return null;
    }
    FieldFilter.Builder filter = FieldFilter.newBuilder().setField(field);
    for (Object value : values) {
      String text = text(value);
      if (text.isBlank() || Limits.longerThan(text, Limits.FILTER_CHARACTERS)) {
        return null;
      }
      filter.addValues(text);
    }
    return filter.build();
  }

  /** 42.0 and 42 are one number, however the client wrote it; empty for what is no plain value. */
  private static String text(Object value) {
    return switch (value) {
      case Double number -> plain(number, number);
      case Float number -> plain(number, number);
      case String text -> text;
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      default -> "";
    };
  }

  private static String plain(Number number, double value) {
    return Double.isFinite(value)
        ? new BigDecimal(number.toString()).stripTrailingZeros().toPlainString()
        : "";
  }
}
