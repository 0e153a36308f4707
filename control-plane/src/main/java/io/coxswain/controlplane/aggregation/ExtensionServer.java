package io.coxswain.controlplane.aggregation;

import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apiregistration.v1.APIServiceSpec;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.connection.KeptConnections;
import io.coxswain.controlplane.proxy.AnyServer;
import io.coxswain.controlplane.proxy.ServicePlaces;
import io.coxswain.controlplane.proxy.Upstream;
import io.coxswain.controlplane.stream.Dialer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// Finds the way to the server of one APIService: its Service's ready pods, over TLS.
final class ExtensionServer {

  private static final int HTTPS = 443;
  private static final int MOST_TRIED = 3;
  private static final int MOST_KEPT = 16;
  private static final Duration KEPT = Duration.ofSeconds(30);

  private final APIServiceSpec spec;
  private final String host;
  private final SSLContext tls;
  private final KeptConnections<String, Upstream.Link> kept =
      new KeptConnections<>(MOST_KEPT, KEPT);

  /// @param key what is shown to the server, which is to believe it
  /// @throws IOException when the bundle holds no certificates
  ExtensionServer(APIService service, KeyManager key) throws IOException {
    this.spec = service.getSpec();
    this.host = spec.getService().getName() + "." + spec.getService().getNamespace() + ".svc";
    this.tls =
        spec.getInsecureSkipTLSVerify()
            ? AnyServer.context(key)
            : context(spec.getCaBundle().toByteArray(), key);
  }

  /// Whether the same way leads to both.
  boolean isOf(APIService other) {
    return spec.getService().equals(other.getSpec().getService())
        && spec.getCaBundle().equals(other.getSpec().getCaBundle())
        && spec.getInsecureSkipTLSVerify() == other.getSpec().getInsecureSkipTLSVerify();
  }

  private static SSLContext context(byte[] authorities, KeyManager key) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {key}, trusted(authorities), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("its caBundle holds no certificates: " + e.getMessage(), e);
    }
  }

  /// @return nothing, which stands for those that the system trusts, without a bundle
  private static TrustManager @Nullable [] trusted(byte[] authorities)
      throws GeneralSecurityException, IOException {
    if (authorities.length == 0) {
      return null;
    }
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    int number = 0;
    for (Certificate certificate :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(authorities))) {
      anchors.setCertificateEntry("ca" + number++, certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(anchors);
    return factory.getTrustManagers();
  }

  private int port() {
    return spec.getService().hasPort() ? spec.getService().getPort() : HTTPS;
  }

  private String namespace() {
    return spec.getService().getNamespace();
  }

  private String name() {
    return spec.getService().getName();
  }

  /// Why there is nobody to ask; nothing when there is.
  Optional<Verdict> missing(ServicePlaces services) {
    Service service;
    try {
      service = services.service(namespace(), name());
    } catch (ApiException e) {
      if (!e.isNotFound()) {
        throw e;
      }
      return failed("ServiceNotFound", "service/%s in \"%s\" is not present");
    }
    Optional<ServicePort> port =
        service.getSpec().getPortsList().stream().filter(p -> p.getPort() == port()).findFirst();
    if (port.isEmpty()) {
      return failed("ServicePortError", "service/%s in \"%s\" is not listening on port " + port());
    }
    List<EndpointSlice> slices = services.slices(namespace(), name());
    if (slices.isEmpty()) {
      return failed("EndpointsNotFound", "cannot find endpointslices for service/%s in \"%s\"");
    }
    return ServicePlaces.ready(slices, port.get().getName()).isEmpty()
        ? failed(
            "MissingEndpoints",
            "endpointslices for service/%s in \"%s\" have no addresses with port name \""
                + port.get().getName()
                + "\"")
        : Optional.empty();
  }

  private Optional<Verdict> failed(String reason, String message) {
    return Optional.of(Verdict.failed(reason, message.formatted(name(), namespace())));
  }

  /// The way as it is now.
  ///
  /// @throws ApiException when there is no such Service, or it has no such port
  Upstream upstream(ServicePlaces services, Dialer dialer) {
    Service service = services.service(namespace(), name());
    String port = ServicePlaces.portName(service, port());
    List<ServicePlaces.Place> places =
        new ArrayList<>(ServicePlaces.ready(services.slices(namespace(), name()), port));
    Collections.shuffle(places);
    return new Upstream(
        port() == HTTPS ? host : host + ":" + port(),
        places.stream().limit(MOST_TRIED).map(place -> way(place, dialer)).toList(),
        Optional.of(new Upstream.TlsClient(tls, host, !spec.getInsecureSkipTLSVerify())),
        Optional.of(kept));
  }

  private static Upstream.Way way(ServicePlaces.Place place, Dialer dialer) {
    return new Upstream.Way(
        place.address(),
        place.port(),
        () -> place.pod().map(dialer::socket).orElseGet(Socket::new));
  }
}
