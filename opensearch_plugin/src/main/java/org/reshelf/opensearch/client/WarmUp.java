package org.reshelf.opensearch.client;

import org.reshelf.v1.CandidateColumns;
import org.reshelf.v1.Context;
import org.reshelf.v1.FieldColumn;
import org.reshelf.v1.Query;
import org.reshelf.v1.RerankRequest;

/**
 * The question that proves that a sidecar answers, and that pays for the first call before a
 * shopper would.
 */
final class WarmUp {

  /**
   * How many are asked one after the other: the first costs hundreds of milliseconds, the fifth one
   * or two.
   */
  static final int CALLS = 5;

  static final RerankRequest REQUEST = request();

  private WarmUp() {}

  private static RerankRequest request() {
    RerankRequest.Builder request =
        RerankRequest.newBuilder()
            .setQuery(Query.newBuilder().setText("warm up").setId("reshelf-warm-up"))
            .setContext(Context.newBuilder().setCrawler(true));
    CandidateColumns.Builder columns = CandidateColumns.newBuilder();
    FieldColumn.Builder title = FieldColumn.newBuilder().setName("title");
    for (int rank = 1; rank <= 3; rank++) {
      columns.addIds("warm-up-" + rank).addScores(4 - rank);
      title.addTexts("warm up " + rank);
    }
    return request.setColumns(columns.addFields(title)).build();
  }
}
