package org.reshelf.opensearch.client;

import org.opensearch.common.settings.Settings;
import org.opensearch.core.common.settings.SecureString;

/**
 * What the node's keystore holds for this plugin; empty strings for what it does not. The keystore
 * can only be read while the node starts and while secrets are reloaded, so the values are kept.
 */
public record Secrets(String keyPassword, String token) {

  public static Secrets read(Settings settings) {
    try (SecureString keyPassword = ClientSettings.TLS_KEY_PASSWORD.get(settings);
        SecureString token = ClientSettings.TOKEN.get(settings)) {
      return new Secrets(keyPassword.toString(), token.toString());
    }
  }

  /** Says nothing: records print their parts. */
  @Override
  public String toString() {
    return "Secrets[…]";
  }
}
