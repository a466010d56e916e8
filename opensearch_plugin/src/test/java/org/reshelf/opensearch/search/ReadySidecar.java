package org.reshelf.opensearch.search;

import org.reshelf.opensearch.client.RerankClient;

/** A sidecar that can be asked at any time. */
@FunctionalInterface
interface ReadySidecar extends RerankClient {

  @Override
  default boolean available() {
    return true;
  }
}
