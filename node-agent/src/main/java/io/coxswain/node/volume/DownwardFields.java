package io.coxswain.node.volume;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.DownwardAPIVolumeFile;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ResourceFieldSelector;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a downward API file says about its pod. Pure.
final class DownwardFields {

  private DownwardFields() {}

  static String value(Pod pod, DownwardAPIVolumeFile file, NodeCapacity node)
      throws VolumeException {
    if (file.hasResourceFieldRef()) {
      return resource(pod, file.getResourceFieldRef(), node);
    }
    return field(pod.getMetadata(), file.getFieldRef().getFieldPath());
  }

  private static String field(ObjectMeta meta, String path) throws VolumeException {
    return switch (path) {
      case "metadata.name" -> meta.getName();
      case "metadata.namespace" -> meta.getNamespace();
      case "metadata.uid" -> meta.getUid();
      case "metadata.labels" -> lines(meta.getLabelsMap());
      case "metadata.annotations" -> lines(meta.getAnnotationsMap());
      default -> {
        if (path.startsWith("metadata.labels['") && path.endsWith("']")) {
          yield meta.getLabelsOrDefault(path.substring(17, path.length() - 2), "");
        }
        if (path.startsWith("metadata.annotations['") && path.endsWith("']")) {
          yield meta.getAnnotationsOrDefault(path.substring(22, path.length() - 2), "");
        }
        throw new VolumeException("fieldRef \"%s\" cannot be a file".formatted(path));
      }
    };
  }

  /// One `key="value"` a line, in order.
  private static String lines(Map<String, String> entries) {
    return new TreeMap<>(entries)
        .entrySet().stream()
            .map(entry -> entry.getKey() + "=" + quoted(entry.getValue()))
            .collect(Collectors.joining("\n"));
  }

  /// As Go's `%q`, which readers of these files expect.
  private static String quoted(String text) {
    StringBuilder result = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '"' -> result.append("\\\"");
            case '\\' -> result.append("\\\\");
            case '\n' -> result.append("\\n");
            case '\r' -> result.append("\\r");
            case '\t' -> result.append("\\t");
            case 7 -> result.append("\\a");
            case '\b' -> result.append("\\b");
            case '\f' -> result.append("\\f");
            case 11 -> result.append("\\v");
            default -> {
              if (c < 0x20 || c == 0x7f) {
                result.append("\\x%02x".formatted(c));
              } else {
                result.appendCodePoint(c);
              }
            }
          }
        });
    return result.append('"').toString();
  }

  /// A limit that is not set is the pod's (KEP-2837), or else the node's whole.
  private static String resource(Pod pod, ResourceFieldSelector field, NodeCapacity node)
      throws VolumeException {
    Container container =
        Stream.concat(
                pod.getSpec().getContainersList().stream(),
                pod.getSpec().getInitContainersList().stream())
            .filter(one -> one.getName().equals(field.getContainerName()))
            .findFirst()
            .orElseThrow(() ->
                new VolumeException(
                    "resourceFieldRef names no container of the pod: \"%s\""
                        .formatted(field.getContainerName())));
    String[] path = field.getResource().split("\\.", 2);
    boolean known = path.length == 2 && (path[0].equals("limits") || path[0].equals("requests"));
    if (!known) {
      throw new VolumeException(
          "resourceFieldRef \"%s\" is not known".formatted(field.getResource()));
    }
    boolean limit = path[0].equals("limits");
    Map<String, Quantity> amounts =
        limit ? container.getResources().getLimitsMap() : container.getResources().getRequestsMap();
    Quantity said = amounts.get(path[1]);
    if (said == null && limit) {
      said = pod.getSpec().getResources().getLimitsMap().get(path[1]);
    }
    BigDecimal amount;
    if (said != null) {
      amount = Quantities.value(said);
    } else if (limit) {
      amount = whole(path[1], node);
    } else {
      amount = BigDecimal.ZERO;
    }
    BigDecimal divisor = Quantities.value(field.getDivisor());
    return amount
        .divide(divisor.signum() == 0 ? BigDecimal.ONE : divisor, 0, RoundingMode.CEILING)
        .toBigInteger()
        .toString();
  }

  private static BigDecimal whole(String resource, NodeCapacity node) {
    return switch (resource) {
      case "cpu" -> BigDecimal.valueOf(node.milliCpus(), 3);
      case "memory" -> BigDecimal.valueOf(node.memoryBytes());
      case "ephemeral-storage" -> BigDecimal.valueOf(node.diskBytes());
      default -> BigDecimal.ZERO;
    };
  }
}
