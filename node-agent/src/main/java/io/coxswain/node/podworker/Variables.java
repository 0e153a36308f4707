package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EnvFromSource;
import io.coxswain.api.core.v1.EnvVar;
import io.coxswain.api.core.v1.EnvVarSource;
import io.coxswain.api.core.v1.ObjectFieldSelector;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ResourceFieldSelector;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.podsource.ConfigObjects;
import io.coxswain.node.runtime.LaunchException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A container's environment: where Services are, then its `envFrom` and `env` with every reference
/// looked up and every `$(NAME)` replaced.
public final class Variables {

  private static final String CONFIG_ERROR = "CreateContainerConfigError";

  private final ConfigObjects objects;
  private final NodeFacts node;

  /// What of the node containers may ask for.
  ///
  /// @param everywhere `NAME` to value for all containers, as where the API is
  public record NodeFacts(
      String name,
      List<InetAddress> addresses,
      long milliCpus,
      long memoryBytes,
      long diskBytes,
      Map<String, String> everywhere) {}

  public Variables(ConfigObjects objects, NodeFacts node) {
    this.objects = objects;
    this.node = node;
  }

  /// Names in the order in which they are set.
  ///
  /// @throws LaunchException naming the object or key that is not there
  Map<String, String> of(Pod pod, Container container, List<InetAddress> addresses)
      throws LaunchException {
    Map<String, String> values = new LinkedHashMap<>(node.everywhere());
    try {
      values.putAll(services(pod));
      for (EnvFromSource source : container.getEnvFromList()) {
        values.putAll(all(pod, source));
      }
      for (EnvVar variable : container.getEnvList()) {
        if (variable.hasValueFrom()) {
          one(pod, container, addresses, variable)
              .ifPresent(value -> values.put(variable.getName(), value));
        } else {
          values.put(variable.getName(), expand(variable.getValue(), values));
        }
      }
    } catch (ApiException e) {
      throw new LaunchException(
          CONFIG_ERROR,
          "environment of \"%s\": %s".formatted(container.getName(), e.getMessage()),
          e);
    }
    return values;
  }

  /// The API's own Service for all, the others of the namespace unless the pod wants none of them.
  /// A pod of the node's own does not wait for an API that it may be the one to run.
  private Map<String, String> services(Pod pod) {
    try {
      return ofServices(pod);
    } catch (ApiException e) {
      if (PodOrigin.isStatic(pod)) {
        return Map.of();
      }
      throw e;
    }
  }

  private Map<String, String> ofServices(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    boolean links = !pod.getSpec().hasEnableServiceLinks() || pod.getSpec().getEnableServiceLinks();
    Map<String, String> values =
        new LinkedHashMap<>(
            ServiceVariables.of(
                objects.services("default").stream()
                    .filter(one -> one.getMetadata().getName().equals("kubernetes"))
                    .toList()));
    if (links) {
      values.putAll(ServiceVariables.of(objects.services(namespace)));
    }
    return values;
  }

  NodeFacts node() {
    return node;
  }

  static List<String> lines(Map<String, String> values) {
    List<String> lines = new ArrayList<>();
    values.forEach((name, value) -> lines.add(name + "=" + value));
    return lines;
  }

  /// Replaces `$(NAME)` by its value; one that is not known stays, and `$$` is a plain `$`.
  static String expand(String text, Map<String, String> values) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    StringBuilder result = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c != '$' || i + 1 == text.length()) {
        result.append(c);
        i++;
        continue;
      }
      char next = text.charAt(i + 1);
      int end = next == '(' ? text.indexOf(')', i) : -1;
      if (next == '$') {
        result.append('$');
        i += 2;
      } else if (end > 0) {
        String name = text.substring(i + 2, end);
        String value = values.get(name);
        result.append(value == null ? text.substring(i, end + 1) : value);
        i = end + 1;
      } else {
        result.append(c);
        i++;
      }
    }
    return result.toString();
  }

  private Map<String, String> all(Pod pod, EnvFromSource source) throws LaunchException {
    String namespace = pod.getMetadata().getNamespace();
    Map<String, String> found = new LinkedHashMap<>();
    if (source.hasConfigMapRef()) {
      String name = source.getConfigMapRef().getLocalObjectReference().getName();
      Optional<ConfigMap> map = objects.configMap(namespace, name);
      if (map.isEmpty() && !source.getConfigMapRef().getOptional()) {
        throw missing("configmap", namespace, name);
      }
      map.ifPresent(one -> found.putAll(one.getDataMap()));
    }
    if (source.hasSecretRef()) {
      String name = source.getSecretRef().getLocalObjectReference().getName();
      Optional<Secret> secret = objects.secret(namespace, name);
      if (secret.isEmpty() && !source.getSecretRef().getOptional()) {
        throw missing("secret", namespace, name);
      }
      secret.ifPresent(
          one -> one.getDataMap().forEach((key, value) -> found.put(key, value.toStringUtf8())));
    }
    Map<String, String> prefixed = new LinkedHashMap<>();
    found.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> prefixed.put(source.getPrefix() + entry.getKey(), entry.getValue()));
    return prefixed;
  }

  private Optional<String> one(
      Pod pod, Container container, List<InetAddress> addresses, EnvVar variable)
      throws LaunchException {
    EnvVarSource source = variable.getValueFrom();
    String namespace = pod.getMetadata().getNamespace();
    if (source.hasConfigMapKeyRef()) {
      var ref = source.getConfigMapKeyRef();
      String name = ref.getLocalObjectReference().getName();
      Optional<ConfigMap> map = objects.configMap(namespace, name);
      if (map.isEmpty() && !ref.getOptional()) {
        throw missing("configmap", namespace, name);
      }
      Optional<String> value =
          map.map(ConfigMap::getDataMap).map(data -> data.getOrDefault(ref.getKey(), ""));
      boolean has = map.map(one -> one.containsData(ref.getKey())).orElse(false);
      return present(has, value, ref.getOptional(), "ConfigMap", namespace, name, ref.getKey());
    }
    if (source.hasSecretKeyRef()) {
      var ref = source.getSecretKeyRef();
      String name = ref.getLocalObjectReference().getName();
      Optional<Secret> secret = objects.secret(namespace, name);
      if (secret.isEmpty() && !ref.getOptional()) {
        throw missing("secret", namespace, name);
      }
      boolean has = secret.map(one -> one.containsData(ref.getKey())).orElse(false);
      Optional<String> value =
          has
              ? secret.map(one -> one.getDataOrThrow(ref.getKey()).toStringUtf8())
              : Optional.empty();
      return present(has, value, ref.getOptional(), "Secret", namespace, name, ref.getKey());
    }
    if (source.hasFieldRef()) {
      return Optional.of(field(pod, source.getFieldRef(), addresses));
    }
    if (source.hasResourceFieldRef()) {
      return Optional.of(resource(pod, container, source.getResourceFieldRef()));
    }
    throw new LaunchException(
        CONFIG_ERROR,
        "env \"%s\": this kind of valueFrom is not supported".formatted(variable.getName()));
  }

  private static Optional<String> present(
      boolean has,
      Optional<String> value,
      boolean optional,
      String kind,
      String namespace,
      String name,
      String key)
      throws LaunchException {
    if (!has && !optional) {
      throw new LaunchException(
          CONFIG_ERROR, "couldn't find key %s in %s %s/%s".formatted(key, kind, namespace, name));
    }
    return has ? value : Optional.empty();
  }

  private static LaunchException missing(String kind, String namespace, String name) {
    return new LaunchException(
        CONFIG_ERROR, "%s \"%s\" not found in namespace \"%s\"".formatted(kind, name, namespace));
  }

  private String field(Pod pod, ObjectFieldSelector field, List<InetAddress> addresses)
      throws LaunchException {
    String path = field.getFieldPath();
    var meta = pod.getMetadata();
    return switch (path) {
      case "metadata.name" -> meta.getName();
      case "metadata.namespace" -> meta.getNamespace();
      case "metadata.uid" -> meta.getUid();
      case "spec.nodeName" -> node.name();
      case "spec.serviceAccountName" -> pod.getSpec().getServiceAccountName();
      case "status.hostIP" -> first(node.addresses());
      case "status.hostIPs" -> joined(node.addresses());
      case "status.podIP" -> first(addresses);
      case "status.podIPs" -> joined(addresses);
      default -> {
        if (path.startsWith("metadata.labels['") && path.endsWith("']")) {
          yield meta.getLabelsOrDefault(path.substring(17, path.length() - 2), "");
        }
        if (path.startsWith("metadata.annotations['") && path.endsWith("']")) {
          yield meta.getAnnotationsOrDefault(path.substring(22, path.length() - 2), "");
        }
        throw new LaunchException(CONFIG_ERROR, "fieldRef \"%s\" is not supported".formatted(path));
      }
    };
  }

  private static String first(List<InetAddress> addresses) {
    return addresses.isEmpty() ? "" : addresses.getFirst().getHostAddress();
  }

  private static String joined(List<InetAddress> addresses) {
    return String.join(",", addresses.stream().map(InetAddress::getHostAddress).toList());
  }

  /// A limit that is not set is the pod's (KEP-2837), or else the node's whole.
  private String resource(Pod pod, Container own, ResourceFieldSelector field)
      throws LaunchException {
    Container container =
        field.getContainerName().isEmpty()
            ? own
            : pod.getSpec().getContainersList().stream()
                .filter(one -> one.getName().equals(field.getContainerName()))
                .findFirst()
                .orElse(own);
    String[] path = field.getResource().split("\\.", 2);
    if (path.length < 2) {
      throw new LaunchException(
          CONFIG_ERROR, "resourceFieldRef \"%s\" is not known".formatted(field.getResource()));
    }
    Map<String, Quantity> amounts =
        path[0].equals("limits")
            ? container.getResources().getLimitsMap()
            : container.getResources().getRequestsMap();
    Quantity ofPod = pod.getSpec().getResources().getLimitsMap().get(path[1]);
    BigDecimal whole =
        ofPod != null
            ? Quantities.value(ofPod)
            : switch (path[1]) {
              case "cpu" -> BigDecimal.valueOf(node.milliCpus(), 3);
              case "memory" -> BigDecimal.valueOf(node.memoryBytes());
              default -> BigDecimal.valueOf(node.diskBytes());
            };
    BigDecimal amount =
        amounts.containsKey(path[1])
            ? Quantities.value(amounts.getOrDefault(path[1], Quantities.ZERO))
            : path[0].equals("limits") ? whole : BigDecimal.ZERO;
    BigDecimal divisor = Quantities.value(field.getDivisor());
    return amount
        .divide(divisor.signum() == 0 ? BigDecimal.ONE : divisor, 0, RoundingMode.CEILING)
        .toBigInteger()
        .toString();
  }
}
