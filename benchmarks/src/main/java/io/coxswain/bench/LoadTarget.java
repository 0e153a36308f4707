package io.coxswain.bench;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// A server that speaks the Kubernetes API, and how to be let in.
///
/// @param token sent with each request; nothing where the certificate says it all
/// @param pids of the server on this machine, whose CPU and memory are told; may be empty
record LoadTarget(String name, URI url, SslContext tls, Optional<String> token, List<Long> pids) {

  LoadTarget {
    pids = List.copyOf(pids);
  }

  static LoadTarget byCertificate(String name, URI url, Path pki, List<Long> pids)
      throws SSLException {
    SslContextBuilder tls =
        SslContextBuilder.forClient()
            .trustManager(pki.resolve("ca.crt").toFile())
            .keyManager(pki.resolve("admin.crt").toFile(), pki.resolve("admin.key").toFile());
    return new LoadTarget(name, url, http2(tls), Optional.empty(), pids);
  }

  static LoadTarget byToken(String name, URI url, Path authority, String token, List<Long> pids)
      throws SSLException {
    SslContextBuilder tls = SslContextBuilder.forClient().trustManager(authority.toFile());
    return new LoadTarget(name, url, http2(tls), Optional.of(token), pids);
  }

  private static SslContext http2(SslContextBuilder tls) throws SSLException {
    return tls.sslProvider(SslProvider.JDK)
        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2))
        .build();
  }
}
