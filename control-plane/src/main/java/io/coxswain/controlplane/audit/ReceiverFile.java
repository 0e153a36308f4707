package io.coxswain.controlplane.audit;

import io.coxswain.client.ApiException;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.webhook.WebhookClient;
import io.coxswain.controlplane.webhook.WebhookPlace;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import tools.jackson.databind.JsonNode;

/// Where a webhook for events is, and who asks it: from a kubeconfig.
record ReceiverFile(WebhookPlace place, WebhookClient client) {

  /// @param patience for each call
  /// @throws IOException when the file cannot be read or means nothing; the message names it
  static ReceiverFile read(Path file, Duration patience) throws IOException {
    try {
      JsonNode content = YamlCodec.parseOne(Files.readAllBytes(file)).content();
      return new Reading(file, patience).of(content);
    } catch (IOException | ApiException | GeneralSecurityException | IllegalArgumentException e) {
      String why = e instanceof NoSuchFileException ? "there is no " : "";
      throw new IOException(
          "The audit webhook's kubeconfig " + file + ": " + why + e.getMessage(), e);
    }
  }

  /// From a file's tree.
  ///
  /// @param file beside which other files are that it names
  private record Reading(Path file, Duration patience) {

    ReceiverFile of(JsonNode content) throws IOException, GeneralSecurityException {
      String current = content.path("current-context").asString("");
      JsonNode context =
          current.isEmpty() && content.path("contexts").size() == 1
              ? content.path("contexts").get(0).path("context")
              : named(content, "contexts", current).path("context");
      JsonNode cluster =
          named(content, "clusters", context.path("cluster").asString("")).path("cluster");
      String user = context.path("user").asString("");
      JsonNode who =
          user.isEmpty() ? cluster.path("none") : named(content, "users", user).path("user");
      refuse(
          cluster, "clusters", List.of("insecure-skip-tls-verify", "proxy-url", "tls-server-name"));
      refuse(who, "users", List.of("exec", "auth-provider"));
      return new ReceiverFile(
          WebhookPlace.of(cluster.path("server").asString("")),
          new WebhookClient(
              bytes(cluster, "certificate-authority").orElse(new byte[0]),
              keys(who),
              headers(who),
              patience));
    }

    private static JsonNode named(JsonNode content, String list, String name) {
      return content
          .path(list)
          .valueStream()
          .filter(one -> one.path("name").asString("").equals(name))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException(list + ": there is none named \"" + name + "\""));
    }

    private static void refuse(JsonNode node, String list, List<String> fields) {
      for (String field : fields) {
        JsonNode value = node.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.asString("").equals("false")) {
          throw new IllegalArgumentException(
              list
                  + ": "
                  + field
                  + " is not known here: name the authority, and a certificate or"
                  + " a token");
        }
      }
    }

    private KeyManager[] keys(JsonNode user) throws IOException, GeneralSecurityException {
      Optional<byte[]> chain = bytes(user, "client-certificate");
      Optional<byte[]> key = bytes(user, "client-key");
      if (chain.isEmpty() && key.isEmpty()) {
        return new KeyManager[0];
      }
      if (chain.isEmpty() || key.isEmpty()) {
        throw new IllegalArgumentException(
            "users: client-certificate and client-key go together, and one is missing");
      }
      Certificate[] certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(chain.get()))
              .toArray(Certificate[]::new);
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("client", privateKey(key.get()), new char[0], certificates);
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, new char[0]);
      return factory.getKeyManagers();
    }

    private static PrivateKey privateKey(byte[] pem) throws IOException {
      try (PEMParser parser =
          new PEMParser(
              new InputStreamReader(new ByteArrayInputStream(pem), StandardCharsets.ISO_8859_1))) {
        JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
        for (Object part = parser.readObject(); part != null; part = parser.readObject()) {
          if (part instanceof PEMKeyPair pair) {
            return converter.getPrivateKey(pair.getPrivateKeyInfo());
          }
          if (part instanceof PrivateKeyInfo info) {
            return converter.getPrivateKey(info);
          }
        }
        throw new IllegalArgumentException("users: client-key holds no key in PEM");
      }
    }

    private Map<String, String> headers(JsonNode user) throws IOException {
      String token = user.path("token").asString("");
      if (token.isEmpty() && user.has("tokenFile")) {
        token = Files.readString(beside(user.path("tokenFile").asString(""))).strip();
      }
      if (!token.isEmpty()) {
        return Map.of("Authorization", "Bearer " + oneLine(token, "token"));
      }
      if (user.has("username")) {
        String pair = user.path("username").asString("") + ":" + user.path("password").asString("");
        return Map.of(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
      }
      return Map.of();
    }

    private static String oneLine(String text, String field) {
      if (text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new IllegalArgumentException("users: " + field + " has characters that no token has");
      }
      return text;
    }

    /// From the field that holds them, or the file that the other one names.
    private Optional<byte[]> bytes(JsonNode node, String field) throws IOException {
      String data = node.path(field + "-data").asString("");
      if (!data.isEmpty()) {
        try {
          return Optional.of(Base64.getMimeDecoder().decode(data));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(field + "-data must be base64", e);
        }
      }
      String name = node.path(field).asString("");
      return name.isEmpty() ? Optional.empty() : Optional.of(Files.readAllBytes(beside(name)));
    }

    private Path beside(String name) {
      return file.toAbsolutePath().resolveSibling(name);
    }
  }
}
