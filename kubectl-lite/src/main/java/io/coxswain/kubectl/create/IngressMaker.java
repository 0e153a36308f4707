package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `create ingress`.
final class IngressMaker implements Maker {

  private static final Pattern RULE =
      Pattern.compile(
          "(?<host>[^/=,]*)(?<path>/[^=,]*)?=(?<service>[^:,=]+):(?<port>[^,=]+)"
              + "(?<tls>,tls(=(?<secret>[^,=]*))?)?");

  @Override
  public String summary() {
    return "make an ingress of rules";
  }

  @Override
  public String examples() {
    return "ingress web --rule='web.example/*=web:80,tls=web-certificate' --class=nginx";
  }

  @Override
  public Options declare(Options options) {
    return options
        .repeated(
            "rule",
            ' ',
            "HOST/PATH=SERVICE:PORT[,tls[=SECRET]]; a path that ends in * is a" + " prefix")
        .value("class", ' ', "", "the ingress class")
        .value("default-backend", ' ', "", "SERVICE:PORT for what no rule names")
        .repeated("annotation", ' ', "KEY=VALUE");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    if (options.all("rule").isEmpty() && options.find("default-backend").isEmpty()) {
      throw new Failure(
          "error: not enough information provided: every ingress has to either specify a"
              + " default-backend (which catches all traffic) or a list of rules (which catch"
              + " specific paths)");
    }
    ObjectNode object = Makers.named("networking.k8s.io/v1", "Ingress", name);
    for (String pair : options.all("annotation")) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw new Failure("error: invalid annotation " + pair + ", expected key=value");
      }
      object
          .withObject("/metadata")
          .withObjectProperty("annotations")
          .put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    ObjectNode spec = object.putObject("spec");
    options.find("class").ifPresent(each -> spec.put("ingressClassName", each));
    options
        .find("default-backend")
        .ifPresent(each -> {
          int colon = each.indexOf(':');
          if (colon <= 0) {
            throw new Failure("error: default-backend should be in format servicename:serviceport");
          }
          backend(
              spec.putObject("defaultBackend"),
              each.substring(0, colon),
              each.substring(colon + 1));
        });
    rules(options.all("rule"), spec);
    return object;
  }

  private static void rules(List<String> given, ObjectNode spec) {
    Map<String, ArrayNode> paths = new LinkedHashMap<>();
    Map<String, List<String>> secured = new LinkedHashMap<>();
    for (String text : given) {
      Matcher rule = RULE.matcher(text);
      if (!rule.matches()) {
        throw new Failure(
            "error: rule "
                + text
                + " is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]");
      }
      String host = rule.group("host");
      String path = rule.group("path") == null ? "/" : rule.group("path");
      boolean prefix = path.endsWith("*");
      ObjectNode entry =
          paths
              .computeIfAbsent(host, _ -> Json.object().putArray("paths"))
              .addObject()
              .put("path", prefix ? path.substring(0, path.length() - 1) : path)
              .put("pathType", prefix ? "Prefix" : "Exact");
      backend(entry.putObject("backend"), rule.group("service"), rule.group("port"));
      if (rule.group("tls") != null) {
        String secret = rule.group("secret") == null ? "" : rule.group("secret");
        List<String> hosts = secured.computeIfAbsent(secret, _ -> new ArrayList<>());
        if (!host.isEmpty() && !hosts.contains(host)) {
          hosts.add(host);
        }
      }
    }
    if (!paths.isEmpty()) {
      ArrayNode rules = spec.putArray("rules");
      paths.forEach((host, each) -> {
        ObjectNode rule = rules.addObject();
        if (!host.isEmpty()) {
          rule.put("host", host);
        }
        rule.putObject("http").set("paths", each);
      });
    }
    if (!secured.isEmpty()) {
      ArrayNode tls = spec.putArray("tls");
      secured.forEach((secret, hosts) -> {
        ObjectNode entry = tls.addObject();
        if (!hosts.isEmpty()) {
          hosts.forEach(entry.putArray("hosts")::add);
        }
        if (!secret.isEmpty()) {
          entry.put("secretName", secret);
        }
      });
    }
  }

  private static void backend(ObjectNode backend, String service, String port) {
    ObjectNode target = backend.putObject("service").put("name", service);
    if (port.chars().allMatch(Character::isDigit)) {
      target.putObject("port").put("number", Integer.parseInt(port));
    } else {
      target.putObject("port").put("name", port);
    }
  }
}
