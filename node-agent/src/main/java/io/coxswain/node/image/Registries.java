package io.coxswain.node.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// How this node reaches registries. Without a word, HTTPS with the system's authorities, and plain
/// HTTP to loopback. A file says otherwise:
///
///     registries:
///       registry.lan:5000:
///         plainHttp: true
///       docker.io:
///         mirrors: [https://mirror.lan, http://10.0.0.5:5000]   # tried in this order, then itself
///       registry.example.org:
///         ca: /etc/coxswain/example-ca.pem                      # instead of the system's
///
/// A mirror has an entry of its own when it needs a `ca`. Immutable.
public final class Registries {

  private static final Set<String> FIELDS = Set.of("plainHttp", "mirrors", "ca");

  private record Settings(boolean plainHttp, List<String> mirrors, @Nullable SSLSocketFactory ca) {}

  private static final Settings UNNAMED = new Settings(false, List.of(), null);

  private final Map<String, Settings> byHost;

  private Registries(Map<String, Settings> byHost) {
    this.byHost = Map.copyOf(byHost);
  }

  public static Registries standard() {
    return new Registries(Map.of());
  }

  /// @throws IOException when the file is there and cannot be read or says what is not known; the
  ///   message names the file and the place in it
  public static Registries read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return standard();
    }
    try {
      JsonNode root = new YAMLMapper().readTree(Files.readString(file));
      Map<String, Settings> byHost = new HashMap<>();
      for (Map.Entry<String, JsonNode> entry : root.path("registries").properties()) {
        byHost.put(entry.getKey(), settings(file, entry.getKey(), entry.getValue()));
      }
      return new Registries(byHost);
    } catch (JacksonException e) {
      throw new IOException("%s is not YAML: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /// Where to ask for an image of `registry`, in this order.
  List<RegistryHost> hosts(String registry) {
    Settings settings = byHost.getOrDefault(registry, UNNAMED);
    List<RegistryHost> hosts = new ArrayList<>();
    for (String mirror : settings.mirrors()) {
      URI base = URI.create(mirror.replaceFirst("/+$", ""));
      SSLSocketFactory ca = byHost.getOrDefault(base.getAuthority(), UNNAMED).ca();
      hosts.add(new RegistryHost(base, ca, true));
    }
    String address = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    boolean plain = settings.plainHttp() || (settings.ca() == null && isLoopback(registry));
    URI base = URI.create((plain ? "http://" : "https://") + address);
    hosts.add(new RegistryHost(base, settings.ca(), false));
    return hosts;
  }

  private static boolean isLoopback(String registry) {
    String host = registry.replaceFirst(":[0-9]+$", "");
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  private static Settings settings(Path file, String host, JsonNode node) throws IOException {
    Set<String> unknown = new HashSet<>();
    node.properties().forEach(field -> unknown.add(field.getKey()));
    unknown.removeAll(FIELDS);
    if (!unknown.isEmpty()) {
      throw new IOException(
          "%s: registries.%s has unknown fields %s: known are %s"
              .formatted(file, host, unknown, FIELDS));
    }
    List<String> mirrors = new ArrayList<>();
    for (JsonNode mirror : node.path("mirrors")) {
      String text = mirror.asString("");
      if (!text.matches("https?://[^/]+.*")) {
        throw new IOException(
            "%s: registries.%s.mirrors: %s must start with https:// or http://"
                .formatted(file, host, text));
      }
      mirrors.add(text);
    }
    String ca = node.path("ca").asString("");
    return new Settings(
        node.path("plainHttp").asBoolean(false), mirrors, ca.isEmpty() ? null : trust(Path.of(ca)));
  }

  private static SSLSocketFactory trust(Path pem) throws IOException {
    try (InputStream in = Files.newInputStream(pem)) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate : certificates) {
        store.setCertificateEntry("ca" + number++, certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "%s holds no usable certificates: %s".formatted(pem, e.getMessage()), e);
    }
  }
}
