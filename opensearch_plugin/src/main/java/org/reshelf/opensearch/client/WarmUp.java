package org.reshelf.opensearch.client;

import org.reshelf.v1.Candidate;
import org.reshelf.v1.FieldValue;
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
            .setQuery(Query.newBuilder().setText("warm up").setId("reshelf-warm-up"));
    for (int rank = 1; rank <= 3; rank++) {
      request.addCandidates(
          Candidate.newBuilder()
              .setId("warm-up-" + rank)
              .setRank(rank)
              .setScore(4 - rank)
              .putFields("title", FieldValue.newBuilder().addTexts("warm up " + rank).build()));
    }
    return request.build();
  }
}
