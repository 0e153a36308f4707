package io.coxswain.kubectl.config;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// The kubeconfig's key. A key store would encrypt it with a password first and decrypt it again,
/// which at this program's speed takes as long as everything else together.
final class OneKey extends X509ExtendedKeyManager {
  private static final String ALIAS = "client";

  private final X509Certificate[] chain;
  private final PrivateKey key;

  OneKey(X509Certificate[] chain, PrivateKey key) {
    this.chain = chain;
    this.key = key;
  }

  private boolean fits(String keyType) {
    // TLS 1.2 also asks for "EC_EC" and "EC_RSA"
    return keyType.equals(key.getAlgorithm()) || keyType.startsWith(key.getAlgorithm() + "_");
  }

  /// A server that names no authorities takes any.
  private boolean issuedByOneOf(Principal @Nullable [] issuers) {
    if (issuers == null || issuers.length == 0) {
      return true;
    }
    for (X509Certificate certificate : chain) {
      if (List.of(issuers).contains(certificate.getIssuerX500Principal())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return fits(keyType) ? new String[] {ALIAS} : new String[0];
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    for (String keyType : keyTypes) {
      if (fits(keyType) && issuedByOneOf(issuers)) {
        return ALIAS;
      }
    }
    return null;
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[0];
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return chain.clone();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return key;
  }
}
