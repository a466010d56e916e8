package org.reshelf.opensearch.search;

import java.util.HashMap;
import java.util.Map;
import org.opensearch.index.query.BoolQueryBuilder;
import org.opensearch.index.query.ConstantScoreQueryBuilder;
import org.opensearch.index.query.InnerHitContextBuilder;
import org.opensearch.index.query.NestedQueryBuilder;
import org.opensearch.index.query.QueryBuilder;

/** Writes filters without the inner hits that they ask for. */
final class InnerHits {

  private InnerHits() {}

  /** The same filter; it has inner hits still where those stand in a query of another plugin. */
  static QueryBuilder leftOutOf(QueryBuilder filter) {
    Map<String, InnerHitContextBuilder> asked = new HashMap<>();
    InnerHitContextBuilder.extractInnerHits(filter, asked);
    return asked.isEmpty() ? filter : without(filter);
  }

  private static QueryBuilder without(QueryBuilder filter) {
    return switch (filter) {
      case NestedQueryBuilder q ->
          new NestedQueryBuilder(q.path(), without(q.query()), q.scoreMode())
              .ignoreUnmapped(q.ignoreUnmapped());
      case ConstantScoreQueryBuilder q -> new ConstantScoreQueryBuilder(without(q.innerQuery()));
      case BoolQueryBuilder q -> {
        BoolQueryBuilder bool =
            new BoolQueryBuilder()
                .minimumShouldMatch(q.minimumShouldMatch())
                .adjustPureNegative(q.adjustPureNegative());
        q.must().forEach(clause -> bool.must(without(clause)));
        q.filter().forEach(clause -> bool.filter(without(clause)));
        q.should().forEach(clause -> bool.should(without(clause)));
        q.mustNot().forEach(clause -> bool.mustNot(without(clause)));
        yield bool;
      }
      default -> filter;
    };
  }
}
