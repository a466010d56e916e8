package org.reshelf.opensearch.client;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** Makes gRPC's credentials from the files that the settings name. */
final class TlsCredentials {

  private TlsCredentials() {}

  /**
   * Reads the files now; a later change of them needs another call.
   *
   * @param configFolder the node's config directory
   * @throws IOException when a file cannot be read
   * @throws GeneralSecurityException when a file holds something else than it should
   */
  static ChannelCredentials load(TlsConfig tls, Path configFolder, Secrets secrets)
      throws IOException, GeneralSecurityException {
    if (tls.enabled() == false) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
    if (tls.caFile().isEmpty() == false) {
      credentials.trustManager(trust(configFolder.resolve(tls.caFile())).getTrustManagers());
    }
    if (tls.mutual()) {
      credentials.keyManager(
          identity(
                  configFolder.resolve(tls.certFile()),
                  configFolder.resolve(tls.keyFile()),
                  secrets.keyPassword())
              .getKeyManagers());
    }
    return credentials.build();
  }

  private static TrustManagerFactory trust(Path caFile)
      throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    int number = 0;
    for (X509Certificate certificate : PemFile.certificates(caFile)) {
      store.setCertificateEntry("ca-" + number++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }

  private static KeyManagerFactory identity(Path certFile, Path keyFile, String password)
      throws IOException, GeneralSecurityException {
    X509Certificate[] chain = PemFile.certificates(certFile);
    PrivateKey key = PemFile.privateKey(keyFile, password);
    if (key.getAlgorithm().equals(chain[0].getPublicKey().getAlgorithm()) == false) {
      throw new GeneralSecurityException(
          "["
              + keyFile
              + "] does not belong to the first certificate in ["
              + certFile
              + "]: one is "
              + key.getAlgorithm()
              + ", the other "
              + chain[0].getPublicKey().getAlgorithm());
    }
    KeyStore store = emptyStore();
    // The store never leaves this process's memory.
    char[] none = new char[0];
    store.setKeyEntry("node", key, none, chain);
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, none);
    return factory;
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
