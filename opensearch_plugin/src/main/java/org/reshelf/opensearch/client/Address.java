package org.reshelf.opensearch.client;

import java.net.InetAddress;

/** One of the addresses that a target's host stands for. */
record Address(Target target, InetAddress ip) {

  /** For people: the target as configured, and the address where the target is a name. */
  @Override
  public String toString() {
    String address = ip.getHostAddress();
    return address.equals(target.host()) ? target.toString() : target + " (" + address + ")";
  }
}
