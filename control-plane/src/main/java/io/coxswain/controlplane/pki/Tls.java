package io.coxswain.controlplane.pki;

import io.coxswain.client.tls.IsolatedTls;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The JDK's TLS over the cluster's certificates.
public final class Tls {

  private Tls() {}

  /// Loads what [#serving] needs, which takes a while the first time. Nothing depends on it.
  public static void prepare() {
    try {
      Class<?> _ = MethodHandles.lookup().ensureInitialized(JdkSslContext.class);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a public class", e);
    }
  }

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

  /// What a server speaks: TLS 1.3 and 1.2, with a client's certificate if it has one. Made here
  /// and not by Netty's builder, since that tries a key of its own at first, and for it looks for
  /// Bouncy Castle's provider, whose hundreds of classes nobody else needs. What comes in is
  /// decrypted in memory that nobody else uses, see [IsolatedTls].
  ///
  /// @param ciphers the names to choose from; empty for the JDK's
  public static SslContext serving(
      X509ExtendedKeyManager key,
      X509TrustManager clients,
      ApplicationProtocolConfig protocols,
      List<String> ciphers) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {key}, new TrustManager[] {clients}, null);
      return new JdkSslContext(
          IsolatedTls.of(context),
          false,
          ciphers.isEmpty() ? null : ciphers,
          SupportedCipherSuiteFilter.INSTANCE,
          protocols,
          ClientAuth.OPTIONAL,
          new String[] {"TLSv1.3", "TLSv1.2"},
          false);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
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
