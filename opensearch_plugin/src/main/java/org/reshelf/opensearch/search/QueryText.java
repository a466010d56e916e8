package org.reshelf.opensearch.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.lucene.search.BooleanClause;
import org.opensearch.index.query.BoolQueryBuilder;
import org.opensearch.index.query.BoostingQueryBuilder;
import org.opensearch.index.query.CombinedFieldsQueryBuilder;
import org.opensearch.index.query.ConstantScoreQueryBuilder;
import org.opensearch.index.query.DisMaxQueryBuilder;
import org.opensearch.index.query.MatchBoolPrefixQueryBuilder;
import org.opensearch.index.query.MatchPhrasePrefixQueryBuilder;
import org.opensearch.index.query.MatchPhraseQueryBuilder;
import org.opensearch.index.query.MatchQueryBuilder;
import org.opensearch.index.query.MultiMatchQueryBuilder;
import org.opensearch.index.query.NestedQueryBuilder;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.QueryBuilderVisitor;
import org.opensearch.index.query.QueryStringQueryBuilder;
import org.opensearch.index.query.SimpleQueryStringBuilder;
import org.opensearch.index.query.functionscore.FunctionScoreQueryBuilder;
import org.opensearch.index.query.functionscore.ScriptScoreQueryBuilder;

/**
 * Finds the words that the shopper typed inside a query, before OpenSearch rewrites it.
 *
 * <p>Clauses that must all match add up ("shoes" in the title and "nike" in the brand are "shoes
 * nike"); clauses of which one is enough are ways to search for the same thing, so the longest
 * stands for all. What the shopper does not want, and filters beside words, say nothing about
 * relevance.
 */
final class QueryText {

  private QueryText() {}

  /** The words, at most {@link Limits#QUERY_CHARACTERS} characters; empty where there are none. */
  static String find(QueryBuilder query) {
    return Limits.truncate(of(query), Limits.QUERY_CHARACTERS);
  }

  private static String of(QueryBuilder query) {
    return switch (query) {
      case null -> "";
      case MatchQueryBuilder q -> words(q.value());
      case MultiMatchQueryBuilder q -> words(q.value());
      case CombinedFieldsQueryBuilder q -> words(q.queryValue());
      case MatchPhraseQueryBuilder q -> words(q.value());
      case MatchPhrasePrefixQueryBuilder q -> words(q.value());
      case MatchBoolPrefixQueryBuilder q -> words(q.value());
      case QueryStringQueryBuilder q -> QuerySyntax.words(q.queryString());
      case SimpleQueryStringBuilder q -> QuerySyntax.simpleWords(q.value());
      case BoolQueryBuilder q -> ofBool(q);
      case DisMaxQueryBuilder q -> longest(ofEach(q.innerQueries()));
      case BoostingQueryBuilder q -> of(q.positiveQuery());
      case ConstantScoreQueryBuilder q -> of(q.innerQuery());
      case FunctionScoreQueryBuilder q -> of(q.query());
      case ScriptScoreQueryBuilder q -> of(q.query());
      case NestedQueryBuilder q -> of(q.query());
      default -> longest(ofChildren(query));
    };
  }

  private static String ofBool(BoolQueryBuilder query) {
    String must = joined(ofEach(query.must()));
    if (!must.isEmpty()) {
      return must;
    }
    String should = longest(ofEach(query.should()));
    return should.isEmpty() ? joined(ofEach(query.filter())) : should;
  }

  private static List<String> ofEach(List<QueryBuilder> queries) {
    return queries.stream().map(QueryText::of).filter(text -> !text.isEmpty()).toList();
  }

  /** For queries that other plugins bring, such as `hybrid`: what their own visitor shows. */
  private static List<String> ofChildren(QueryBuilder query) {
    List<String> texts = new ArrayList<>();
    query.visit(
        new QueryBuilderVisitor() {
          @Override
          public void accept(QueryBuilder child) {
            if (child != query) {
              texts.add(of(child));
            }
          }

          @Override
          public QueryBuilderVisitor getChildVisitor(BooleanClause.Occur occur) {
            return switch (occur) {
              case MUST, SHOULD -> this;
              case FILTER, MUST_NOT -> NO_OP_VISITOR;
            };
          }
        });
    texts.removeIf(String::isEmpty);
    return texts;
  }

  private static String words(Object value) {
    return Objects.toString(value, "").strip();
  }

  private static String longest(List<String> texts) {
    String longest = "";
    for (String text : texts) {
      if (text.length() > longest.length()) {
        longest = text;
      }
    }
    return longest;
  }

  private static String joined(List<String> texts) {
    List<String> kept = new ArrayList<>();
    for (String text : texts) {
      if (kept.stream().noneMatch(other -> holds(other, text))) {
        kept.removeIf(other -> holds(text, other));
        kept.add(text);
      }
    }
    return String.join(" ", kept);
  }

  /** Whether the first text says the second, word by word ("red shoes" holds "red", not "shoe"). */
  private static boolean holds(String text, String part) {
    return (" " + text.toLowerCase(Locale.ROOT) + " ")
        .contains(" " + part.toLowerCase(Locale.ROOT) + " ");
  }
}
