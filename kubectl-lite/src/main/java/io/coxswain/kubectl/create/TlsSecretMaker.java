package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// `create secret tls`.
final class TlsSecretMaker implements Maker {

  @Override
  public String summary() {
    return "make a secret of a certificate and its key";
  }

  @Override
  public String examples() {
    return "secret tls web --cert=web.crt --key=web.key";
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("cert", ' ', "", "the certificate's file (PEM)")
        .value("key", ' ', "", "the private key's file (PEM)")
        .toggle("append-hash", ' ', "end the name with a hash of the data");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    if (options.find("key").isEmpty() || options.find("cert").isEmpty()) {
      throw new Failure("error: key and cert must be specified");
    }
    Map<String, byte[]> data =
        new KeysAndFiles(session.world().folder(), session.world().environment())
            .files(List.of("tls.crt=" + options.text("cert"), "tls.key=" + options.text("key")))
            .data();
    data.forEach((key, bytes) -> {
      String marker = key.equals("tls.crt") ? "-----BEGIN CERTIFICATE-----" : "PRIVATE KEY-----";
      if (!new String(bytes, StandardCharsets.ISO_8859_1).contains(marker)) {
        throw new Failure(
            "error: tls: failed to find any PEM data in "
                + (key.equals("tls.crt") ? "certificate" : "key")
                + " input "
                + options.text(key.equals("tls.crt") ? "cert" : "key"));
      }
    });
    ObjectNode object = Makers.named("v1", "Secret", name).put("type", "kubernetes.io/tls");
    KeysAndFiles.intoSecret(data, object);
    if (options.isSet("append-hash")) {
      ContentHash.append(object);
    }
    return object;
  }
}
