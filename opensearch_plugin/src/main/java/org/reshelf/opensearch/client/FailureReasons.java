package org.reshelf.opensearch.client;

import io.grpc.Status;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;
import org.reshelf.opensearch.stats.StepAside;

/** Which reason a failed call is counted under, and what it says about the target. */
final class FailureReasons {

  private FailureReasons() {}

  /**
   * @param untriedTls whether the call went over a TLS connection that has never worked yet
   */
  static StepAside of(Status status, boolean untriedTls) {
    return switch (status.getCode()) {
      case DEADLINE_EXCEEDED -> StepAside.DEADLINE;
      case RESOURCE_EXHAUSTED -> StepAside.OVERLOADED;
      case UNAVAILABLE ->
          handshakeFailed(status, untriedTls) ? StepAside.TLS : StepAside.UNAVAILABLE;
      default -> StepAside.SIDECAR_ERROR;
    };
  }

  /**
   * Whether a failure speaks against the target as a whole, and not against this one request or
   * this one moment: a question that is refused as invalid would be refused by every other target
   * too, and a target that sheds load is alive.
   */
  static boolean blamesTarget(Status status) {
    return switch (status.getCode()) {
      case INVALID_ARGUMENT, OUT_OF_RANGE, CANCELLED, RESOURCE_EXHAUSTED -> false;
      default -> true;
    };
  }

  private static boolean handshakeFailed(Status status, boolean untriedTls) {
    for (Throwable each = status.getCause(); each != null; each = each.getCause()) {
      if (each instanceof SSLException || each instanceof GeneralSecurityException) {
        return true;
      }
      if (each instanceof ConnectException || each instanceof NoRouteToHostException) {
        return false;
      }
      // In TLS 1.3 a server that refuses the client's certificate hangs up after the client takes
      // the handshake for done; the first write then breaks before the alert is read.
      if (untriedTls && each instanceof SocketException) {
        return true;
      }
    }
    // How gRPC's okhttp transport says that the other side hung up.
    String description = status.getDescription();
    return untriedTls && description != null && description.startsWith("End of stream");
  }
}
