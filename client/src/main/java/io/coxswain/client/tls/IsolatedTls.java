package io.coxswain.client.tls;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/// A context whose engines touch no memory but their own, whatever is sent to them.
///
/// The JDK decrypts a record where it lies. When the record turns out to be forged, it clears what
/// it wrote; for memory outside the heap it counts from where the buffer's memory begins and not
/// from where the record does (`GaloisCounterMode` of JDK 25). A buffer of Netty's pool is a window
/// on memory that all connections share, so that any stranger, by one wrong record, would put zeros
/// in the place of what others are being sent.
public final class IsolatedTls extends SSLContext {

  private IsolatedTls(SSLContext context) {
    super(new Engines(context), context.getProvider(), context.getProtocol());
  }

  /// @param context initialized
  public static SSLContext of(SSLContext context) {
    return new IsolatedTls(context);
  }

  private static final class Engines extends SSLContextSpi {

    private final SSLContext context;

    Engines(SSLContext context) {
      this.context = context;
    }

    @Override
    protected void engineInit(
        KeyManager @Nullable [] keys,
        TrustManager @Nullable [] trust,
        @Nullable SecureRandom random)
        throws KeyManagementException {
      context.init(keys, trust, random);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return new IsolatedEngine(context.createSSLEngine());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return new IsolatedEngine(context.createSSLEngine(host, port));
    }

    /// Sockets read into memory of their own.
    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return context.getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return context.getServerSocketFactory();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return context.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return context.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return context.getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return context.getSupportedSSLParameters();
    }
  }
}
