package io.coxswain.kubectl.config;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Trusts the server that the kubeconfig names, when its certificate is good and says that name.
/// The JDK's own check of names first reads all the public authorities, to be stricter with theirs:
/// a third of the whole start of this program.
final class NamedServer extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager chains;
  private final String host;

  /// @param chains checks all but the name
  /// @param host as in the server's URL
  NamedServer(X509ExtendedTrustManager chains, String host) {
    this.chains = chains;
    this.host = host;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType, socket);
    ServerNames.check(chain[0], host);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType, engine);
    ServerNames.check(chain[0], host);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType);
    ServerNames.check(chain[0], host);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("nobody connects to this program");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("nobody connects to this program");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("nobody connects to this program");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
