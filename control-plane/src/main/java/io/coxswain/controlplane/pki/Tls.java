package io.coxswain.controlplane.pki;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The JDK's TLS over the cluster's certificates.
public final class Tls {

  private Tls() {}

  /// Trusts what the cluster's authority signed, and nothing else.
  public static X509TrustManager trusting(X509Certificate authority) {
    try {
      KeyStore anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      anchors.setCertificateEntry("ca", authority);
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(anchors);
      return (X509TrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("a trust store in memory", e);
    }
  }

  /// Lets every client through the handshake: a stranger is to read in words why it is refused, not
  /// to guess from a TLS alert. Who uses it has to check the chain itself.
  public static X509TrustManager acceptingAny(X509Certificate authority) {
    return new AnyClient(authority);
  }

  private record AnyClient(X509Certificate authority) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException("only clients are asked for certificates here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[] {authority};
    }
  }

  /// Shows one certificate, whichever it is at the time of a handshake: a renewed one is in use
  /// from the next connection on.
  public static final class RotatingKey extends X509ExtendedKeyManager {

    private static final String ALIAS = "current";

    private volatile Credentials current;

    public RotatingKey(Credentials first) {
      this.current = first;
    }

    public void rotateTo(Credentials next) {
      current = next;
    }

    public Credentials current() {
      return current;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return offered(keyTypes);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return offered(keyTypes);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return offered(keyType);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return offered(keyType);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {current.certificate(), current.authority()};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return current.key();
    }

    private static @Nullable String offered(String... keyTypes) {
      for (String type : keyTypes) {
        if (type.startsWith("EC")) {
          return ALIAS;
        }
      }
      return null;
    }
  }
}
