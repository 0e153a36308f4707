package io.coxswain.controlplane.link;

import io.coxswain.client.ApiError;
import io.coxswain.client.rpc.GrpcErrors;
import io.coxswain.controlplane.authn.CertificateAuthenticator;
import io.coxswain.controlplane.authn.User;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusException;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Learns from the TLS session who calls, and turns strangers away from every service but Join.
final class Callers implements ServerInterceptor {

  private static final Context.Key<Optional<User>> CALLER = Context.key("coxswain-caller");

  private static final Context.Key<Optional<String>> ADDRESS = Context.key("coxswain-address");

  private final CertificateAuthenticator authenticator;

  Callers(CertificateAuthenticator authenticator) {
    this.authenticator = authenticator;
  }

  /// Who made the call that this thread serves; nobody for a stranger who wants to join.
  static Optional<User> current() {
    Optional<User> caller = CALLER.get();
    return caller == null ? Optional.empty() : caller;
  }

  /// From where the call came that this thread serves.
  static Optional<String> address() {
    Optional<String> address = ADDRESS.get();
    return address == null ? Optional.empty() : address;
  }

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    Optional<User> user =
        authenticator.authenticate(
            chain(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
    boolean open = JoinService.NAME.equals(call.getMethodDescriptor().getServiceName());
    if (user.isEmpty() && !open) {
      StatusException refused = GrpcErrors.of(new ApiError.Unauthorized("Unauthorized"));
      Metadata trailers = refused.getTrailers();
      call.close(refused.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
    Context context = Context.current().withValues(CALLER, user, ADDRESS, address(call));
    return Contexts.interceptCall(context, call, headers, next);
  }

  private static Optional<String> address(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress a
            && a.getAddress() != null
        ? Optional.of(a.getAddress().getHostAddress())
        : Optional.empty();
  }

  private static List<X509Certificate> chain(@Nullable SSLSession session) {
    List<X509Certificate> chain = new ArrayList<>();
    if (session == null) {
      return chain;
    }
    try {
      for (Certificate certificate : session.getPeerCertificates()) {
        if (certificate instanceof X509Certificate x509) {
          chain.add(x509);
        }
      }
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
    return chain;
  }
}
