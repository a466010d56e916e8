package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.opensearch.common.regex.Regex;
import org.opensearch.index.query.BoolQueryBuilder;
import org.opensearch.index.query.BoostingQueryBuilder;
import org.opensearch.index.query.CombinedFieldsQueryBuilder;
import org.opensearch.index.query.ConstantScoreQueryBuilder;
import org.opensearch.index.query.DisMaxQueryBuilder;
import org.opensearch.index.query.MatchAllQueryBuilder;
import org.opensearch.index.query.MatchBoolPrefixQueryBuilder;
import org.opensearch.index.query.MatchPhrasePrefixQueryBuilder;
import org.opensearch.index.query.MatchPhraseQueryBuilder;
import org.opensearch.index.query.MatchQueryBuilder;
import org.opensearch.index.query.MultiMatchQueryBuilder;
import org.opensearch.index.query.NestedQueryBuilder;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.QueryStringQueryBuilder;
import org.opensearch.index.query.SimpleQueryStringBuilder;
import org.opensearch.index.query.functionscore.FunctionScoreQueryBuilder;
import org.opensearch.index.query.functionscore.ScriptScoreQueryBuilder;

/**
 * Finds what a query demands of a document besides the shopper's words: the filters that a document
 * must pass which a rule brings in although the words do not find it.
 *
 * <p>Clauses with words (what {@link QueryText} reads) demand nothing; a clause that is not
 * understood, or in which words and filters cannot be told apart, is demanded as a whole. So a
 * document is rather not shown than shown to somebody who has filtered it away.
 */
final class RequestFilters {

  private final Predicate<String> wordFields;

  private RequestFilters(Predicate<String> wordFields) {
    this.wordFields = wordFields;
  }

  /**
   * What a document must match; null where the query demands nothing but words.
   *
   * @param wordFields whether words are looked for in a field; to match another one is to filter
   */
  static QueryBuilder of(QueryBuilder query, Predicate<String> wordFields) {
    return new RequestFilters(wordFields).of(query);
  }

  private QueryBuilder of(QueryBuilder query) {
    return switch (query) {
      case null -> null;
      case MatchAllQueryBuilder q -> null;
      case MatchQueryBuilder q -> areWords(q.fieldName(), q.value()) ? null : q;
      case MultiMatchQueryBuilder q ->
          q.fields().isEmpty() || q.fields().keySet().stream().anyMatch(this::holdsWords)
              ? null
              : q;
      case CombinedFieldsQueryBuilder q -> null;
      case MatchPhraseQueryBuilder q -> areWords(q.fieldName(), q.value()) ? null : q;
      case MatchPhrasePrefixQueryBuilder q -> null;
      case MatchBoolPrefixQueryBuilder q -> null;
      case QueryStringQueryBuilder q ->
          saysOnly(q.queryString(), QuerySyntax.words(q.queryString())) ? null : q;
      case SimpleQueryStringBuilder q ->
          saysOnly(q.value(), QuerySyntax.simpleWords(q.value())) ? null : q;
      case BoolQueryBuilder q -> ofBool(q);
      case DisMaxQueryBuilder q -> oneOf(q.innerQueries(), null);
      case BoostingQueryBuilder q -> of(q.positiveQuery());
      case ConstantScoreQueryBuilder q -> of(q.innerQuery());
      case FunctionScoreQueryBuilder q -> of(q.query());
      case ScriptScoreQueryBuilder q -> of(q.query());
      case NestedQueryBuilder q -> ofNested(q);
      default -> query;
    };
  }

  /** A number or a flag is nothing that a shopper types. */
  private boolean areWords(String field, Object value) {
    return value instanceof String && holdsWords(field);
  }

  private boolean holdsWords(String field) {
    return Regex.isSimpleMatchPattern(field) || wordFields.test(field);
  }

  /** Whether a text in a query language says nothing but words. */
  private static boolean saysOnly(String text, String words) {
    return text.strip().replaceAll("\\s+", " ").equals(words);
  }

  private QueryBuilder ofBool(BoolQueryBuilder query) {
    BoolQueryBuilder demanded = new BoolQueryBuilder();
    query.filter().forEach(demanded::filter);
    query.mustNot().forEach(demanded::mustNot);
    for (QueryBuilder must : query.must()) {
      QueryBuilder found = of(must);
      if (found != null) {
        demanded.filter(found);
      }
    }
    if (!query.should().isEmpty() && needsOneOf(query)) {
      QueryBuilder found = oneOf(query.should(), query.minimumShouldMatch());
      if (found != null) {
        demanded.filter(found);
      }
    }
    return demanded.hasClauses() ? demanded : null;
  }

  private static boolean needsOneOf(BoolQueryBuilder query) {
    String atLeast = query.minimumShouldMatch();
    return atLeast == null
        ? query.must().isEmpty() && query.filter().isEmpty()
        : !atLeast.strip().equals("0");
  }

  /** What queries demand of which some are enough: nothing, where one of them is only words. */
  private QueryBuilder oneOf(List<QueryBuilder> queries, String atLeast) {
    List<QueryBuilder> demands = new ArrayList<>();
    for (QueryBuilder query : queries) {
      QueryBuilder found = of(query);
      if (found == null) {
        return null;
      }
      demands.add(found);
    }
    BoolQueryBuilder demanded = new BoolQueryBuilder();
    demands.forEach(demanded::should);
    return demanded.minimumShouldMatch(atLeast == null ? "1" : atLeast);
  }

  private QueryBuilder ofNested(NestedQueryBuilder query) {
    QueryBuilder found = of(query.query());
    if (found == null || found == query.query()) {
      return found == null ? null : query;
    }
    return new NestedQueryBuilder(query.path(), found, query.scoreMode())
        .ignoreUnmapped(query.ignoreUnmapped());
  }
}
