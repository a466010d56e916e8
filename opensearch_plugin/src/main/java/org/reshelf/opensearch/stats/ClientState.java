package org.reshelf.opensearch.stats;

import java.util.Map;
import java.util.function.Supplier;

/** How the sidecar client of this node stands, without this package knowing the client. */
public final class ClientState {

  private final Supplier<Map<String, Object>> state;

  public ClientState(Supplier<Map<String, Object>> state) {
    this.state = state;
  }

  Map<String, Object> figures() {
    return state.get();
  }
}
