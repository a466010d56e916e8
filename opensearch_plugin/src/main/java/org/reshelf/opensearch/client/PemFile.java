package org.reshelf.opensearch.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Reads certificates and keys in PEM. Every error names the file and the way out. */
final class PemFile {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private PemFile() {}

  static X509Certificate[] certificates(Path file) throws IOException, GeneralSecurityException {
    byte[] content = read(file);
    X509Certificate[] found;
    try {
      found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content))
              .stream()
              .map(X509Certificate.class::cast)
              .toArray(X509Certificate[]::new);
    } catch (GeneralSecurityException broken) {
      throw new GeneralSecurityException(
          "[" + file + "] is not a PEM file of certificates", broken);
    }
    if (found.length == 0) {
      throw new GeneralSecurityException("[" + file + "] holds no certificate");
    }
    return found;
  }

  /** Reads a PKCS#8 key; {@code password} is empty for one that is not encrypted. */
  static PrivateKey privateKey(Path file, String password)
      throws IOException, GeneralSecurityException {
    Matcher block = BLOCK.matcher(new String(read(file), StandardCharsets.US_ASCII));
    while (block.find()) {
      String kind = block.group(1);
      byte[] content = Base64.getMimeDecoder().decode(block.group(2));
      switch (kind) {
        case "PRIVATE KEY" -> {
          return decode(file, new PKCS8EncodedKeySpec(content));
        }
        case "ENCRYPTED PRIVATE KEY" -> {
          return decode(file, decrypt(file, content, password));
        }
        case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY" ->
            throw new GeneralSecurityException(
                "["
                    + file
                    + "] holds a key in the old form ["
                    + kind
                    + "]: convert it with [openssl pkcs8 -topk8 -in KEY -out NEW_KEY]");
        default -> {
          // Parameters or certificates beside the key.
        }
      }
    }
    throw new GeneralSecurityException("[" + file + "] holds no PKCS#8 private key");
  }

  private static PKCS8EncodedKeySpec decrypt(Path file, byte[] content, String password)
      throws IOException, GeneralSecurityException {
    if (password.isEmpty()) {
      throw new GeneralSecurityException(
          "["
              + file
              + "] is encrypted and the keystore holds no ["
              + ClientSettings.TLS_KEY_PASSWORD.getKey()
              + "]: add it with [opensearch-keystore add] and call "
              + "[POST _nodes/reload_secure_settings]");
    }
    PBEKeySpec spec = new PBEKeySpec(password.toCharArray());
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(content);
      // For PBES2 the algorithm's own name is only the scheme; the parameters print the full name.
      String algorithm = info.getAlgParameters().toString();
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(spec),
          info.getAlgParameters());
      return info.getKeySpec(cipher);
    } catch (InvalidKeySpecException | java.security.InvalidKeyException wrong) {
      throw new GeneralSecurityException(
          "["
              + file
              + "] cannot be decrypted: ["
              + ClientSettings.TLS_KEY_PASSWORD.getKey()
              + "] is wrong",
          wrong);
    } finally {
      spec.clearPassword();
    }
  }

  private static PrivateKey decode(Path file, PKCS8EncodedKeySpec spec)
      throws GeneralSecurityException {
    GeneralSecurityException last = null;
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException other) {
        last = other;
      }
    }
    throw new GeneralSecurityException(
        "[" + file + "] holds a key that is neither RSA, EC nor EdDSA", last);
  }

  private static byte[] read(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new IOException(
          "[" + file + "] cannot be read: " + unreadable.getClass().getSimpleName(), unreadable);
    }
  }
}
