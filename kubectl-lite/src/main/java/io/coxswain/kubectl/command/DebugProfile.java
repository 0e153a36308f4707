package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.document.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `--profile` of `debug`: the rights that a debugging container gets, and what a copy of a pod
/// does without.
enum DebugProfile {
  LEGACY,
  GENERAL,
  BASELINE,
  RESTRICTED,
  NETADMIN,
  SYSADMIN;

  /// What is debugged.
  enum Style {
    EPHEMERAL,
    COPY,
    NODE
  }

  static DebugProfile of(String name) {
    return switch (name) {
      case "legacy" -> LEGACY;
      case "general" -> GENERAL;
      case "baseline" -> BASELINE;
      case "restricted" -> RESTRICTED;
      case "netadmin" -> NETADMIN;
      case "sysadmin" -> SYSADMIN;
      default -> throw new Failure("error: unknown profile: " + name);
    };
  }

  /// @param container of the pod: the one to debug with
  void apply(ObjectNode pod, ObjectNode container, Style style, Options options) {
    switch (this) {
      case LEGACY -> {
        if (style == Style.NODE) {
          mountRoot(pod, container);
          useHost(pod);
        } else if (style == Style.COPY) {
          pod.withObjectProperty("metadata").remove("labels");
        }
      }
      case GENERAL -> {
        if (style == Style.NODE) {
          mountRoot(pod, container);
          container.remove("securityContext");
          useHost(pod);
        } else {
          addCapabilities(container, "SYS_PTRACE");
        }
      }
      case BASELINE -> container.remove("securityContext");
      case RESTRICTED -> restrict(container);
      case NETADMIN -> {
        addCapabilities(container, "NET_ADMIN", "NET_RAW");
        if (style == Style.NODE) {
          useHost(pod);
        }
      }
      case SYSADMIN -> {
        security(container).put("privileged", true);
        if (style == Style.NODE) {
          useHost(pod);
          mountRoot(pod, container);
        }
      }
    }
    if (style == Style.COPY && this != LEGACY) {
      lighten(pod, options);
    }
  }

  private static ObjectNode security(ObjectNode container) {
    return container.withObjectProperty("securityContext");
  }

  private static void restrict(ObjectNode container) {
    ObjectNode security = container.putObject("securityContext");
    security.put("runAsNonRoot", true).put("allowPrivilegeEscalation", false);
    security.putObject("capabilities").putArray("drop").add("ALL");
    security.putObject("seccompProfile").put("type", "RuntimeDefault");
  }

  private static void addCapabilities(ObjectNode container, String... names) {
    for (String name : names) {
      security(container).withObjectProperty("capabilities").withArrayProperty("add").add(name);
    }
  }

  private static void mountRoot(ObjectNode pod, ObjectNode container) {
    ObjectNode volume = pod.withObjectProperty("spec").withArrayProperty("volumes").addObject();
    volume.put("name", "host-root").putObject("hostPath").put("path", "/");
    container
        .withArrayProperty("volumeMounts")
        .addObject()
        .put("mountPath", "/host")
        .put("name", "host-root");
  }

  private static void useHost(ObjectNode pod) {
    pod.withObjectProperty("spec")
        .put("hostNetwork", true)
        .put("hostPID", true)
        .put("hostIPC", true);
  }

  /// A copy takes no part in Services, and nothing restarts it while somebody looks.
  private static void lighten(ObjectNode pod, Options options) {
    ObjectNode metadata = pod.withObjectProperty("metadata");
    ObjectNode spec = pod.withObjectProperty("spec");
    for (String field : List.of("labels", "annotations")) {
      if (!options.isSet("keep-" + field)) {
        metadata.remove(field);
      }
    }
    for (JsonNode each : Json.at(spec, "containers")) {
      for (String probe : List.of("liveness", "readiness", "startup")) {
        if (!options.isSet("keep-" + probe) && each instanceof ObjectNode container) {
          container.remove(probe + "Probe");
        }
      }
    }
    if (options.text("keep-init-containers").equals("false")) {
      spec.remove("initContainers");
    }
    if (!spec.has("shareProcessNamespace")) {
      spec.put("shareProcessNamespace", true);
    }
  }
}
