package org.reshelf.opensearch.client;

import org.reshelf.v1.RerankRequest;
import org.reshelf.v1.RerankResponse;

/**
 * In which of the contract's two ways a sidecar is sent candidates. In columns, until it is found
 * not to see them: a sidecar from before there were columns answers a search for nothing.
 */
final class Dialect {

  private volatile boolean columns = true;

  /** Another sidecar may have taken the place of the one that was heard. */
  void forget() {
    columns = true;
  }

  RerankRequest say(RerankRequest request) {
    return columns || request.hasColumns() == false ? request : Rows.of(request);
  }

  /** What was answered to a request as it was said. */
  void heard(RerankRequest said, RerankResponse answer) {
    if (said.getColumns().getIdsCount() > 0
        && answer.hasRanked() == false
        && answer.getHitsCount() == 0
        && answer.getRemovedCount() == 0) {
      columns = false;
    }
  }
}
