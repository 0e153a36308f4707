package io.coxswain.deploy;

import io.coxswain.client.codec.Sha256;
import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.client.rpc.GrpcConnection;
import io.coxswain.client.rpc.GrpcErrors;
import io.coxswain.rpc.v1.JoinGrpc;
import io.coxswain.rpc.v1.JoinReply;
import io.coxswain.rpc.v1.JoinRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a node gets its certificate, and a new one long before that ends. The token names the
/// authority by its digest, so the node knows whom to trust before it says anything; the private
/// key never leaves the node.
final class Enrollment implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Enrollment.class);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration RENEW_LOOK = Duration.ofHours(6);
  private static final int TRIES = 30;

  private final HostAndPort server;
  private final String node;
  private final IdentityFiles files;
  private volatile Thread renewal = Thread.ofVirtual().unstarted(() -> {});

  Enrollment(HostAndPort server, String node, IdentityFiles files) {
    this.server = server;
    this.node = node;
    this.files = files;
  }

  /// The certificate of an earlier start, or a new one by the token. Blocks; waits a while for a
  /// server that is not there yet.
  ///
  /// @throws IOException when there is no token, or the server refuses it
  ClientIdentity join(String tokenFile) throws IOException, InterruptedException {
    if (files.areGood(Instant.now())) {
      return files.identity();
    }
    if (tokenFile.isEmpty()) {
      throw new IOException(
          "this node has no certificate yet: join with --token-file FILE, which holds what `coxswain token` prints on the server");
    }
    String token = read(Path.of(tokenFile));
    String[] parts = token.split("\\.", -1);
    if (parts.length < 3) {
      throw new IOException(
          "the token in " + tokenFile + " is no join token: it should look like cx1.….….…");
    }
    for (int attempt = 1; ; attempt++) {
      try {
        files.writeAuthority(pem(authority(parts[1])));
        try (GrpcConnection anonymous =
            GrpcConnection.openAnonymous(
                server.host(), server.port(), files.authority().toFile())) {
          sign(anonymous.channel(), token);
        }
        log.info("joined the cluster at {}:{} as {}", server.host(), server.port(), node);
        return files.identity();
      } catch (IOException | StatusRuntimeException e) {
        if (e instanceof RefusedException) {
          throw e;
        }
        if (attempt == TRIES) {
          throw new IOException(
              "the server at %s:%d does not answer: %s"
                  .formatted(server.host(), server.port(), e.getMessage()),
              e);
        }
        log.info(
            "the server at {}:{} does not answer yet: {}",
            server.host(),
            server.port(),
            e.getMessage());
        TimeUnit.SECONDS.sleep(1);
      }
    }
  }

  private static String read(Path token) throws IOException {
    try {
      return Files.readString(token).strip();
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no file %s with the join token: write into it what `coxswain token` prints on the server"
              .formatted(token),
          e);
    }
  }

  /// The server's word: trying again does not help.
  private static final class RefusedException extends IOException {
    RefusedException(String message) {
      super(message);
    }
  }

  /// The certificate with the digest of the token, from what the server shows.
  private X509Certificate authority(String digest) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustNobodyYet()}, null);
      try (SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(server.host(), server.port())) {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        for (Certificate shown : socket.getSession().getPeerCertificates()) {
          if (Sha256.hex(shown.getEncoded()).equals(digest)) {
            return (X509Certificate) shown;
          }
        }
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS with " + server.host() + ":" + server.port(), e);
    }
    throw new RefusedException(
        "the server at "
            + server.host()
            + ":"
            + server.port()
            + " is not the one that made the token: its authority is another");
  }

  private void sign(Channel channel, String token) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      String request =
          pem(
              new JcaPKCS10CertificationRequestBuilder(
                      new X500Principal("CN=system:node:" + node), pair.getPublic())
                  .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
      JoinReply reply =
          JoinGrpc.newBlockingStub(channel)
              .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
              .sign(
                  JoinRequest.newBuilder()
                      .setToken(token)
                      .setNodeName(node)
                      .setCertificateRequest(request)
                      .build());
      files.replace(
          pem(new org.bouncycastle.openssl.jcajce.JcaPKCS8Generator(pair.getPrivate(), null)),
          reply.getCertificate());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == io.grpc.Status.Code.UNAVAILABLE
          || e.getStatus().getCode() == io.grpc.Status.Code.DEADLINE_EXCEEDED) {
        throw e;
      }
      throw new RefusedException(
          GrpcErrors.exception(e.getStatus(), e.getTrailers()).error().message());
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException("making a key for this node", e);
    }
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  /// Asks for a new certificate when less than a third of this one's year is left. The connection
  /// takes it up by itself.
  void renew(GrpcConnection connection) {
    renewal =
        Thread.ofVirtual()
            .name("certificate-renewal")
            .start(() -> {
              while (true) {
                try {
                  TimeUnit.SECONDS.sleep(RENEW_LOOK.toSeconds());
                  if (files.expiry().isBefore(Instant.now().plus(Duration.ofDays(120)))) {
                    sign(connection.channel(), "");
                    log.info("renewed this node's certificate");
                  }
                } catch (InterruptedException e) {
                  return;
                } catch (IOException | RuntimeException e) {
                  log.warn(
                      "this node's certificate was not renewed; tried again in {} hours: {}",
                      RENEW_LOOK.toHours(),
                      e.getMessage());
                }
              }
            });
  }

  @Override
  public void close() {
    renewal.interrupt();
  }

  /// Looks at what the server shows without believing it: only a certificate with the token's
  /// digest is used afterwards.
  private static final class TrustNobodyYet implements X509TrustManager {
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
