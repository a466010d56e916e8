package org.reshelf.opensearch.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a sidecar, or several behind one DNS name, listens.
 *
 * @param host a DNS name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record Target(String host, int port) {

  private static final Pattern FORM =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9_.-]+):(\\d{1,5})");

  /**
   * Reads {@code host:port} or {@code [ipv6]:port}.
   *
   * @throws IllegalArgumentException saying what is wrong and what is right
   */
  public static Target parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (matcher.matches() == false) {
      throw new IllegalArgumentException(
          "["
              + text
              + "] is no target: write host:port, for example [127.0.0.1:50051], "
              + "[sidecar.example.org:50051] or [[::1]:50051], without a scheme or a path");
    }
    int port = Integer.parseInt(matcher.group(2));
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException(
          "[" + text + "] is no target: the port must be between 1 and 65535");
    }
    String host = matcher.group(1);
    return new Target(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
  }

  /** As it was written: {@code host:port}, with brackets around an IPv6 address. */
  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
