package org.reshelf.opensearch.client;

/**
 * How to speak TLS with the sidecars. Files are named by their path under the node's config
 * directory; an empty string is "not set".
 */
public record TlsConfig(
    boolean enabled, String caFile, String certFile, String keyFile, String serverName) {

  boolean mutual() {
    return certFile.isEmpty() == false;
  }
}
