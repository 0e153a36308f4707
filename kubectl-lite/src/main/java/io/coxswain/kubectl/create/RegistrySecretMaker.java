package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// `create secret docker-registry`: what a kubelet needs to pull images.
final class RegistrySecretMaker implements Maker {

  private static final String KEY = ".dockerconfigjson";

  @Override
  public String summary() {
    return "make a secret to pull images with";
  }

  @Override
  public String examples() {
    return "secret docker-registry pull --docker-server=registry.example"
        + " --docker-username=robot --docker-password=secret";
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("docker-server", ' ', "https://index.docker.io/v1/", "the registry")
        .value("docker-username", ' ', "", "who signs in")
        .value("docker-password", ' ', "", "the password or token")
        .value("docker-email", ' ', "", "an address for the registry")
        .repeated("from-file", ' ', "a Docker configuration file instead")
        .toggle("append-hash", ' ', "end the name with a hash of the data");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    ObjectNode object =
        Makers.named("v1", "Secret", name).put("type", "kubernetes.io/dockerconfigjson");
    if (!options.all("from-file").isEmpty()) {
      List<String> files =
          options.list("from-file").stream()
              .map(file -> file.contains("=") ? file : KEY + "=" + file)
              .toList();
      KeysAndFiles.intoSecret(
          new KeysAndFiles(session.world().folder(), session.world().environment())
              .files(files)
              .data(),
          object);
    } else {
      String user = options.text("docker-username");
      String password = options.text("docker-password");
      if (user.isEmpty() || password.isEmpty()) {
        throw new Failure(
            "error: either --from-file or the combination of --docker-username, --docker-password"
                + " and --docker-server is required");
      }
      ObjectNode entry = Json.object().put("username", user).put("password", password);
      options.find("docker-email").ifPresent(email -> entry.put("email", email));
      entry.put("auth", base64(user + ":" + password));
      ObjectNode configuration = Json.object();
      configuration.putObject("auths").set(options.text("docker-server"), entry);
      KeysAndFiles.intoSecret(Map.of(KEY, Json.bytes(configuration)), object);
    }
    if (options.isSet("append-hash")) {
      ContentHash.append(object);
    }
    return object;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
