package org.reshelf.opensearch.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.testing.TlsTesting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opensearch.common.settings.Settings;

/**
 * TLS and mutual TLS with gRPC's test certificates; server1's name is *.test.google.fr among
 * others.
 */
@Timeout(60)
class TlsTest {

  @TempDir Path config;

  @BeforeEach
  void files() throws IOException {
    for (String name :
        List.of("ca.pem", "client.pem", "client.key", "badclient.pem", "badclient.key")) {
      try (InputStream content = TlsTesting.loadCert(name)) {
        Files.copy(content, config.resolve(name));
      }
    }
  }

  private static ServerCredentials server(TlsServerCredentials.ClientAuth clientAuth)
      throws IOException {
    try (InputStream cert = TlsTesting.loadCert("server1.pem");
        InputStream key = TlsTesting.loadCert("server1.key");
        InputStream ca = TlsTesting.loadCert("ca.pem")) {
      return TlsServerCredentials.newBuilder()
          .keyManager(cert, key)
          .trustManager(ca)
          .clientAuth(clientAuth)
          .build();
    }
  }

  private static Settings.Builder tls(FakeSidecar sidecar) {
    return ClientHarness.settings(sidecar)
        .put("reshelf.tls.enabled", true)
        .put("reshelf.tls.ca_file", "ca.pem")
        .put("reshelf.tls.server_name", "foo.test.google.fr");
  }

  private ClientHarness node(Settings.Builder settings, Secrets secrets) {
    return new ClientHarness(settings.build(), secrets, config);
  }

  private static final Secrets NONE = new Secrets("", "");

  @Test
  void trustsTheConfiguredAuthority() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar(0, server(TlsServerCredentials.ClientAuth.NONE));
        ClientHarness node = node(tls(sidecar), new Secrets("", "token")).warm()) {
      assertEquals("b", node.answer().getHits(0).getId());
      assertEquals("Bearer token", sidecar.authorization);
    }
  }

  @Test
  void sendsTheTokenInTheClearToNobody() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar();
        ClientHarness node =
            node(ClientHarness.settings(sidecar), new Secrets("", "token")).warm()) {
      node.answer();
      assertNull(sidecar.authorization);
    }
  }

  @Test
  void refusesACertificateForAnotherName() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar(0, server(TlsServerCredentials.ClientAuth.NONE));
        ClientHarness node =
            node(tls(sidecar).put("reshelf.tls.server_name", "shop.example.org"), NONE)) {
      ClientHarness.eventually("refused", () -> lastFailure(node).equals("tls"));
    }
  }

  @Test
  void refusesAnAuthorityThatItDoesNotKnow() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar(0, server(TlsServerCredentials.ClientAuth.NONE));
        ClientHarness node = node(tls(sidecar).put("reshelf.tls.ca_file", "badclient.pem"), NONE)) {
      ClientHarness.eventually("refused", () -> lastFailure(node).equals("tls"));
    }
  }

  @Test
  void showsItsOwnCertificate() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar(0, server(TlsServerCredentials.ClientAuth.REQUIRE));
        ClientHarness node =
            node(
                    tls(sidecar)
                        .put("reshelf.tls.cert_file", "client.pem")
                        .put("reshelf.tls.key_file", "client.key"),
                    NONE)
                .warm()) {
      assertEquals("b", node.answer().getHits(0).getId());
    }
  }

  @Test
  void aMissingOrForeignCertificateLeavesTheSidecarAlone() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar(0, server(TlsServerCredentials.ClientAuth.REQUIRE));
        ClientHarness without = node(tls(sidecar), NONE);
        ClientHarness foreign =
            node(
                tls(sidecar)
                    .put("reshelf.tls.cert_file", "badclient.pem")
                    .put("reshelf.tls.key_file", "badclient.key"),
                NONE)) {
      ClientHarness.eventually("refused without one", () -> lastFailure(without).equals("tls"));
      ClientHarness.eventually(
          "refused with a foreign one", () -> lastFailure(foreign).equals("tls"));
      assertEquals(0, sidecar.warmUps.get());
    }
  }

  @Test
  void readsAnEncryptedKeyOnceThePasswordIsInTheKeystore() throws Exception {
    encryptKey("secret");
    try (FakeSidecar sidecar = new FakeSidecar(0, server(TlsServerCredentials.ClientAuth.REQUIRE));
        ClientHarness node =
            node(
                tls(sidecar)
                    .put("reshelf.tls.cert_file", "client.pem")
                    .put("reshelf.tls.key_file", "client.enc.key"),
                new Secrets("wrong", ""))) {
      ClientHarness.eventually(
          "the wrong password is told",
          () -> problem(node).contains("[reshelf.tls.key_password] is wrong"));
      node.client.apply(new Secrets("secret", ""));
      node.warm();
      assertEquals("b", node.answer().getHits(0).getId());
    }
  }

  @Test
  void errorsNameTheFileAndTheWayOut() throws Exception {
    encryptKey("secret");
    Files.writeString(
        config.resolve("old.key"),
        "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    Files.writeString(config.resolve("empty.pem"), "");
    for (Map.Entry<String, String> wrong :
        Map.of(
                "client.enc.key", "opensearch-keystore add",
                "old.key", "openssl pkcs8 -topk8",
                "ca.pem", "holds no PKCS#8 private key",
                "absent.key", "cannot be read: NoSuchFileException")
            .entrySet()) {
      Exception told =
          assertThrows(
              Exception.class, () -> PemFile.privateKey(config.resolve(wrong.getKey()), ""));
      assertTrue(told.getMessage().contains(wrong.getKey()), told.getMessage());
      assertTrue(told.getMessage().contains(wrong.getValue()), told.getMessage());
    }
    assertThrows(
        GeneralSecurityException.class, () -> PemFile.certificates(config.resolve("empty.pem")));
    assertThrows(
        GeneralSecurityException.class, () -> PemFile.certificates(config.resolve("client.key")));
  }

  @Test
  void takesOverRenewedFiles() throws Exception {
    try (FakeSidecar sidecar = new FakeSidecar(0, server(TlsServerCredentials.ClientAuth.REQUIRE));
        ClientHarness node =
            node(
                tls(sidecar)
                    .put("reshelf.dns.interval", "1s")
                    .put("reshelf.tls.cert_file", "badclient.pem")
                    .put("reshelf.tls.key_file", "badclient.key"),
                NONE)) {
      ClientHarness.eventually("refused", () -> lastFailure(node).equals("tls"));
      Files.copy(
          config.resolve("client.key"), Files.newOutputStream(config.resolve("badclient.key")));
      Files.copy(
          config.resolve("client.pem"), Files.newOutputStream(config.resolve("badclient.pem")));
      node.warm();
      assertEquals("b", node.answer().getHits(0).getId());
    }
  }

  /** Writes client.enc.key: PBES2 with HMAC-SHA256 and AES-256, as openssl pkcs8 -topk8 does. */
  private void encryptKey(String password) throws IOException, GeneralSecurityException {
    String pem = Files.readString(config.resolve("client.key")).replaceAll("-----[A-Z ]+-----", "");
    String algorithm = "PBEWithHmacSHA256AndAES_256";
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(
        Cipher.ENCRYPT_MODE,
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec(password.toCharArray())),
        new PBEParameterSpec("saltsalt".getBytes(StandardCharsets.US_ASCII), 2_048));
    byte[] encrypted = cipher.doFinal(Base64.getMimeDecoder().decode(pem));
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
    parameters.init(cipher.getParameters().getEncoded());
    byte[] content = new EncryptedPrivateKeyInfo(parameters, encrypted).getEncoded();
    Files.writeString(
        config.resolve("client.enc.key"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(content)
            + "\n-----END ENCRYPTED PRIVATE KEY-----\n");
  }

  private static String problem(ClientHarness node) {
    return node.client.state().get("problem").toString();
  }

  @SuppressWarnings("unchecked")
  private static String lastFailure(ClientHarness node) {
    List<Map<String, Object>> targets =
        (List<Map<String, Object>>) node.client.state().get("targets");
    return targets.isEmpty() ? "" : targets.get(0).get("last_failure").toString();
  }
}
