package io.coxswain.kubectl.config;

import io.coxswain.kubectl.Failure;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
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

  private static final AtomicBoolean PREPARED = new AtomicBoolean();

  private Tls() {}

  /// Begins what the first handshake will wait for, on threads of its own: the JDK fills tables of
  /// the curve P-256 and looks through its ciphers when they are first used, which takes longer
  /// than the handshake itself. Returns at once; what fails here fails again where somebody is
  /// told. Again is harmless.
  public static void prepare() {
    if (!PREPARED.compareAndSet(false, true)) {
      return;
    }
    background("prepare-curve", Tls::prepareCurve);
    background(
        "prepare-ciphers",
        () -> {
          SSLContext.getInstance("TLS");
          // every certificate is offered to this logger; looking for one opens all jars
          System.getLogger("jdk.event.security").isLoggable(System.Logger.Level.DEBUG);
        });
  }

  private interface Preparation {
    void run() throws GeneralSecurityException;
  }

  private static void background(String name, Preparation preparation) {
    Thread thread =
        new Thread(
            () -> {
              try {
                preparation.run();
              } catch (GeneralSecurityException e) {
                // a JDK without it may still have what the server wants
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void prepareCurve() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(pair.getPrivate());
    byte[] signed = signature.sign();
    signature.initVerify(pair.getPublic());
    signature.verify(signed);
  }

  /// @throws Failure when a certificate or key cannot be read
  public static SSLSocketFactory sockets(Kubeconfig.Target target) {
    prepare();
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(target), trust(target), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new Failure(
          "error: cannot use the certificates of context \""
              + target.context()
              + "\": "
              + e.getMessage());
    }
  }

  private static KeyManager @Nullable [] keys(Kubeconfig.Target target)
      throws GeneralSecurityException {
    if (target.certificate().length == 0) {
      return null;
    }
    return new KeyManager[] {
      new OneKey(
          certificates(target.certificate()).toArray(X509Certificate[]::new), key(target.key()))
    };
  }

  private static TrustManager[] trust(Kubeconfig.Target target) throws GeneralSecurityException {
    if (target.insecure()) {
      return new TrustManager[] {new TrustEverybody()};
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    if (target.authority().length == 0) {
      factory.init((KeyStore) null); // the machine's own authorities
    } else {
      factory.init(new CertPathTrustManagerParameters(anchors(target.authority())));
    }
    String host =
        target.serverName().isEmpty() ? URI.create(target.server()).getHost() : target.serverName();
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager x509) {
        return new TrustManager[] {new NamedServer(x509, host)};
      }
    }
    throw new GeneralSecurityException("this Java has no check of certificates");
  }

  private static PKIXBuilderParameters anchors(byte[] authority) throws GeneralSecurityException {
    Set<TrustAnchor> anchors = new HashSet<>();
    for (X509Certificate certificate : certificates(authority)) {
      anchors.add(new TrustAnchor(certificate, null));
    }
    PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, null);
    parameters.setRevocationEnabled(false); // as every client of Kubernetes: nobody publishes lists
    return parameters;
  }

  private static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Certificate certificate :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem))) {
      if (certificate instanceof X509Certificate x509) {
        certificates.add(x509);
      }
    }
    return certificates;
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
