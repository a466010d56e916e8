package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.List;
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

  private RequestFilters() {}

  /** What a document must match; null where the query demands nothing but words. */
  static QueryBuilder of(QueryBuilder query) {
    return switch (query) {
      case null -> null;
      case MatchAllQueryBuilder q -> null;
      // A number or a flag is nothing that a shopper types.
      case MatchQueryBuilder q -> q.value() instanceof String ? null : q;
      case MultiMatchQueryBuilder q -> null;
      case CombinedFieldsQueryBuilder q -> null;
      case MatchPhraseQueryBuilder q -> q.value() instanceof String ? null : q;
      case MatchPhrasePrefixQueryBuilder q -> null;
      case MatchBoolPrefixQueryBuilder q -> null;
      case QueryStringQueryBuilder q ->
          areWords(q.queryString(), QuerySyntax.words(q.queryString())) ? null : q;
      case SimpleQueryStringBuilder q ->
          areWords(q.value(), QuerySyntax.simpleWords(q.value())) ? null : q;
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

  /** Whether a text in a query language says nothing but words. */
  private static boolean areWords(String text, String words) {
    return text.strip().replaceAll("\\s+", " ").equals(words);
  }

  private static QueryBuilder ofBool(BoolQueryBuilder query) {
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
  private static QueryBuilder oneOf(List<QueryBuilder> queries, String atLeast) {
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

  private static QueryBuilder ofNested(NestedQueryBuilder query) {
    QueryBuilder found = of(query.query());
    if (found == null || found == query.query()) {
      return found == null ? null : query;
    }
    return new NestedQueryBuilder(query.path(), found, query.scoreMode())
        .ignoreUnmapped(query.ignoreUnmapped());
  }
}
