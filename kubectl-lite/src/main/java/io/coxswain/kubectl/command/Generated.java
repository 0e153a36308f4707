package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.output.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The objects that `create` makes of words.
final class Generated {

  private Generated() {}

  /// @throws Failure when the words do not make an object
  static ObjectNode object(Session session) {
    List<String> words = session.options().words();
    return switch (words.getFirst()) {
      case "namespace", "ns" -> named("v1", "Namespace", name(words, 1));
      case "serviceaccount", "sa" -> named("v1", "ServiceAccount", name(words, 1));
      case "configmap", "cm" -> configMap(session, name(words, 1));
      case "secret" -> secret(session, words);
      case "deployment", "deploy" -> deployment(session, name(words, 1));
      case "service", "svc" -> service(session.options(), words);
      default ->
          throw new Failure(
              "error: create "
                  + words.getFirst()
                  + " is not built into kubectl-lite: it makes namespace, serviceaccount, configmap, secret generic, deployment and service;"
                  + " everything else by: kubectl-lite create -f FILE");
    };
  }

  private static String name(List<String> words, int at) {
    if (words.size() != at + 1) {
      throw new Failure(
          "error: exactly one NAME is required, received " + Math.max(0, words.size() - at));
    }
    return words.get(at);
  }

  private static ObjectNode named(String apiVersion, String kind, String name) {
    ObjectNode object = Json.object().put("apiVersion", apiVersion).put("kind", kind);
    object.putObject("metadata").put("name", name);
    return object;
  }

  private static ObjectNode configMap(Session session, String name) {
    ObjectNode object = named("v1", "ConfigMap", name);
    data(session)
        .forEach((key, bytes) -> {
          try {
            String text =
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            object.withObject("/data").put(key, text);
          } catch (CharacterCodingException e) {
            object.withObject("/binaryData").put(key, Base64.getEncoder().encodeToString(bytes));
          }
        });
    return object;
  }

  private static ObjectNode secret(Session session, List<String> words) {
    if (words.size() < 2 || !words.get(1).equals("generic")) {
      throw new Failure(
          "error: create secret makes generic ones: kubectl-lite create secret generic NAME; others by create -f FILE");
    }
    ObjectNode object = named("v1", "Secret", name(words, 2));
    session.options().find("type").ifPresent(type -> object.put("type", type));
    data(session)
        .forEach((key, bytes) ->
            object.withObject("/data").put(key, Base64.getEncoder().encodeToString(bytes)));
    return object;
  }

  private static Map<String, byte[]> data(Session session) {
    Map<String, byte[]> data = new TreeMap<>();
    for (String literal : session.options().all("from-literal")) {
      put(data, literal, "--from-literal");
    }
    try {
      for (String file : session.options().all("from-env-file")) {
        for (String line : Files.readAllLines(session.world().folder().resolve(file))) {
          if (!line.isBlank() && !line.startsWith("#")) {
            put(data, line.strip(), file);
          }
        }
      }
      for (String named : session.options().all("from-file")) {
        int equals = named.indexOf('=');
        Path path = session.world().folder().resolve(named.substring(equals + 1));
        if (equals < 0 && Files.isDirectory(path)) {
          try (Stream<Path> files = Files.list(path)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
              data.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
            }
          }
        } else {
          data.put(
              equals < 0 ? String.valueOf(path.getFileName()) : named.substring(0, equals),
              Files.readAllBytes(path));
        }
      }
    } catch (IOException e) {
      throw new Failure("error: cannot read " + e.getMessage());
    }
    return data;
  }

  private static void put(Map<String, byte[]> data, String pair, String source) {
    int equals = pair.indexOf('=');
    if (equals <= 0) {
      throw new Failure("error: invalid " + source + " \"" + pair + "\", expected KEY=VALUE");
    }
    if (data.put(
            pair.substring(0, equals), pair.substring(equals + 1).getBytes(StandardCharsets.UTF_8))
        != null) {
      throw new Failure("error: the key " + pair.substring(0, equals) + " is given twice");
    }
  }

  private static ObjectNode deployment(Session session, String name) {
    Options options = session.options();
    String image =
        options
            .find("image")
            .orElseThrow(() -> new Failure("error: required flag(s) \"image\" not set"));
    ObjectNode object = named("apps/v1", "Deployment", name);
    object.withObject("/metadata/labels").put("app", name);
    ObjectNode spec = object.putObject("spec").put("replicas", options.number("replicas"));
    spec.withObject("/selector/matchLabels").put("app", name);
    spec.withObject("/template/metadata/labels").put("app", name);
    ObjectNode container = spec.withObject("/template/spec").putArray("containers").addObject();
    String last = image.replaceAll("/+$", "");
    String containerName = last.substring(last.lastIndexOf('/') + 1).replaceAll("[@:].*", "");
    container.put("name", containerName.isEmpty() ? name : containerName).put("image", image);
    if (options.hasDashes() && !options.afterDashes().isEmpty()) {
      ArrayNode command = container.putArray("command");
      options.afterDashes().forEach(command::add);
    }
    if (options.find("port").isPresent()) {
      container.putArray("ports").addObject().put("containerPort", options.number("port"));
    }
    return object;
  }

  private static ObjectNode service(Options options, List<String> words) {
    String type =
        switch (words.size() < 2 ? "" : words.get(1)) {
          case "clusterip" -> "ClusterIP";
          case "nodeport" -> "NodePort";
          case "loadbalancer" -> "LoadBalancer";
          default ->
              throw new Failure(
                  "error: create service takes clusterip, nodeport or loadbalancer, then a name");
        };
    String name = name(words, 2);
    ObjectNode object = named("v1", "Service", name);
    object.withObject("/metadata/labels").put("app", name);
    ObjectNode spec = object.putObject("spec").put("type", type);
    spec.putObject("selector").put("app", name);
    ArrayNode ports = spec.putArray("ports");
    for (String tcp : options.all("tcp")) {
      String[] numbers = tcp.split(":", -1);
      try {
        int port = Integer.parseInt(numbers[0]);
        int target = numbers.length > 1 ? Integer.parseInt(numbers[1]) : port;
        ObjectNode entry =
            ports
                .addObject()
                .put("name", tcp.replace(':', '-'))
                .put("port", port)
                .put("protocol", "TCP")
                .put("targetPort", target);
        if (options.find("node-port").isPresent()) {
          entry.put("nodePort", options.number("node-port"));
        }
      } catch (NumberFormatException e) {
        throw new Failure("error: invalid --tcp \"" + tcp + "\", expected PORT or PORT:TARGET");
      }
    }
    if (ports.isEmpty()) {
      throw new Failure("error: at least one --tcp PORT is needed");
    }
    return object;
  }
}
