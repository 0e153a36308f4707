package io.coxswain.kubectl.config;

import io.coxswain.kubectl.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// TLS from a kubeconfig's PEM data, by the JDK alone.
public final class Tls {

  private static final byte[] RSA_OID = {
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };
  private static final byte[] EC_OID = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
  };
  private static final byte[] P256_OID = {
    0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x03, 0x01, 0x07
  };

  private Tls() {}

  /// @throws Failure when a certificate or key cannot be read
  public static SSLSocketFactory sockets(Kubeconfig.Target target) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(target), trust(target), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException | IOException e) {
      throw new Failure(
          "error: cannot use the certificates of context \""
              + target.context()
              + "\": "
              + e.getMessage());
    }
  }

  private static KeyManager @Nullable [] keys(Kubeconfig.Target target)
      throws GeneralSecurityException, IOException {
    if (target.certificate().length == 0) {
      return null;
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "client",
        key(target.key()),
        new char[0],
        certificates(target.certificate()).toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static TrustManager @Nullable [] trust(Kubeconfig.Target target)
      throws GeneralSecurityException, IOException {
    if (target.insecure()) {
      return new TrustManager[] {new TrustEverybody()};
    }
    if (target.authority().length == 0) {
      return null;
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int number = 0;
    for (Certificate certificate : certificates(target.authority())) {
      store.setCertificateEntry("ca" + number++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static Collection<? extends Certificate> certificates(byte[] pem)
      throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(pem));
  }

  /// PKCS #8, PKCS #1 (RSA) and SEC 1 (P-256), as kubeconfigs carry them.
  private static PrivateKey key(byte[] pem) throws GeneralSecurityException {
    String text = new String(pem, StandardCharsets.US_ASCII);
    for (String label : List.of("PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")) {
      int begin = text.indexOf("-----BEGIN " + label + "-----");
      if (begin < 0) {
        continue;
      }
      int end = text.indexOf("-----END", begin);
      String body = text.substring(text.indexOf('\n', begin), end);
      byte[] der = Base64.getMimeDecoder().decode(body);
      return switch (label) {
        case "RSA PRIVATE KEY" -> generate("RSA", pkcs8(der, RSA_OID));
        case "EC PRIVATE KEY" -> generate("EC", pkcs8(der, concat(EC_OID, P256_OID)));
        default -> either(der);
      };
    }
    throw new GeneralSecurityException("the client key is no PEM private key");
  }

  private static PrivateKey either(byte[] der) throws GeneralSecurityException {
    try {
      return generate("EC", der);
    } catch (GeneralSecurityException e) {
      return generate("RSA", der);
    }
  }

  private static PrivateKey generate(String algorithm, byte[] der) throws GeneralSecurityException {
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
  }

  /// Wraps a bare key: SEQUENCE { INTEGER 0, SEQUENCE algorithm, OCTET STRING key } (RFC 5208).
  private static byte[] pkcs8(byte[] key, byte[] algorithm) {
    byte[] version = {0x02, 0x01, 0x00};
    return tagged(0x30, concat(concat(version, tagged(0x30, algorithm)), tagged(0x04, key)));
  }

  private static byte[] tagged(int tag, byte[] content) {
    byte[] head =
        content.length < 128
            ? new byte[] {(byte) tag, (byte) content.length}
            : new byte[] {
              (byte) tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length
            };
    return concat(head, content);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] all = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /// For `insecure-skip-tls-verify`, which somebody asked for by name.
  private static final class TrustEverybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
