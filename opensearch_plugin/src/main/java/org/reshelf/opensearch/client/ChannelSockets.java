package org.reshelf.opensearch.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;

/**
 * Makes the sockets of one channel and can close them all.
 *
 * <p>gRPC's okhttp transport connects and shakes hands on a thread of its own without any limit in
 * time. A target that swallows packets, or that was stopped behind an open port, would hold one
 * more thread with every attempt.
 */
final class ChannelSockets extends SocketFactory {

  private final int connectMillis;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  ChannelSockets(int connectMillis) {
    this.connectMillis = connectMillis;
  }

  @Override
  public Socket createSocket(InetAddress address, int port) throws IOException {
    open.removeIf(Socket::isClosed);
    Socket socket = new Socket();
    open.add(socket);
    try {
      if (closed) {
        throw new IOException("the channel was closed");
      }
      socket.connect(new InetSocketAddress(address, port), connectMillis);
      return socket;
    } catch (IOException | RuntimeException failed) {
      open.remove(socket);
      socket.close();
      throw failed;
    }
  }

  void closeAll() {
    closed = true;
    for (Socket socket : open) {
      try {
        socket.close();
      } catch (IOException ignored) {
        // It is given up either way.
      }
    }
    open.clear();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return createSocket(InetAddress.getByName(host), port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException("sidecars are reached from any local address");
  }

  @Override
  public Socket createSocket(
      InetAddress address, int port, InetAddress localAddress, int localPort) {
    throw new UnsupportedOperationException("sidecars are reached from any local address");
  }
}
