package org.reshelf.opensearch.search;

import java.io.IOException;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.Query;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.index.query.AbstractQueryBuilder;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.QueryBuilderVisitor;
import org.opensearch.index.query.QueryShardContext;

/** A query that this plugin does not know, with a child that it shows to visitors. */
final class HybridLikeQuery extends AbstractQueryBuilder<HybridLikeQuery> {

  private final QueryBuilder child;

  HybridLikeQuery(QueryBuilder child) {
    this.child = child;
  }

  @Override
  public void visit(QueryBuilderVisitor visitor) {
    visitor.accept(this);
    child.visit(visitor.getChildVisitor(BooleanClause.Occur.MUST));
  }

  @Override
  protected void doWriteTo(StreamOutput out) {
    throw new IllegalStateException("a query that refuses to be written before it is rewritten");
  }

  @Override
  protected void doXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject("hybrid_like").endObject();
  }

  @Override
  protected Query doToQuery(QueryShardContext context) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected boolean doEquals(HybridLikeQuery other) {
    return child.equals(other.child);
  }

  @Override
  protected int doHashCode() {
    return child.hashCode();
  }

  @Override
  public String getWriteableName() {
    return "hybrid_like";
  }
}
