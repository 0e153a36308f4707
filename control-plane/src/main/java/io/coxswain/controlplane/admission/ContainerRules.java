package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerPort;
import io.coxswain.api.core.v1.EnvFromSource;
import io.coxswain.api.core.v1.EnvVar;
import io.coxswain.api.core.v1.EnvVarSource;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.core.v1.SeccompProfile;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.LabelSyntax;
import io.coxswain.client.codec.Quantities;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// What holds for one container.
final class ContainerRules {

  /// A field that is one of many.
  private static final Pattern KEYED =
      Pattern.compile("metadata\\.(labels|annotations)\\['[^']+'\\]");

  private static final Set<String> KNOWN_FIELDS =
      Set.of(
          "metadata.name",
          "metadata.namespace",
          "metadata.uid",
          "spec.nodeName",
          "spec.serviceAccountName",
          "status.hostIP",
          "status.hostIPs",
          "status.podIP",
          "status.podIPs");

  private ContainerRules() {}

  static void check(Container container, Set<String> volumes, String at, Problems problems) {
    String image = container.getImage();
    if (image.isEmpty()) {
      problems.required(at + ".image");
    } else if (!image.strip().equals(image)) {
      problems.invalid(at + ".image", image, "must not have leading or trailing whitespace");
    }
    if (container.getImagePullPolicy().isEmpty()) {
      problems.required(at + ".imagePullPolicy");
    }
    checkPorts(container.getPortsList(), at + ".ports", problems);
    checkEnvironment(container.getEnvList(), at + ".env", problems);
    for (int i = 0; i < container.getEnvFromCount(); i++) {
      checkEnvFrom(container.getEnvFrom(i), at + ".envFrom[" + i + "]", problems);
    }
    checkMounts(container, volumes, at + ".volumeMounts", problems);
    checkResources(container.getResources(), at + ".resources", problems);
    ProbeRules.check(container, at, problems);
    RestartRules.check(container, at, problems);
    checkSecurity(container, at, problems);
  }

  private static void checkPorts(List<ContainerPort> ports, String path, Problems problems) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      ContainerPort port = ports.get(i);
      String at = path + "[" + i + "]";
      String name = port.getName();
      if (!name.isEmpty()) {
        Names.port(name).ifPresent(detail -> problems.invalid(at + ".name", name, detail));
        if (!names.add(name)) {
          problems.duplicate(at + ".name", name);
        }
      }
      if (!port.getHostIP().isEmpty()) {
        Names.address(port.getHostIP())
            .ifPresent(detail -> problems.invalid(at + ".hostIP", port.getHostIP(), detail));
      }
    }
  }

  private static void checkEnvironment(List<EnvVar> env, String path, Problems problems) {
    for (int i = 0; i < env.size(); i++) {
      EnvVar variable = env.get(i);
      String at = path + "[" + i + "]";
      if (variable.getName().isEmpty()) {
        problems.required(at + ".name");
      } else {
        Names.environmentVariable(variable.getName())
            .ifPresent(detail -> problems.invalid(at + ".name", variable.getName(), detail));
      }
      if (variable.hasValueFrom()) {
        checkValueFrom(variable, at + ".valueFrom", problems);
      }
    }
  }

  private static void checkValueFrom(EnvVar variable, String at, Problems problems) {
    EnvVarSource source = variable.getValueFrom();
    int sources = source.getAllFields().size();
    if (sources == 0) {
      problems.invalid(
          at,
          "",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef`"
              + " or `fileKeyRef`");
    } else if (!variable.getValue().isEmpty()) {
      problems.invalid(at, "", "may not be specified when `value` is not empty");
    } else if (sources > 1) {
      problems.invalid(at, "", "may not have more than one field specified at a time");
    }
    if (source.hasFieldRef()) {
      checkFieldPath(source.getFieldRef().getFieldPath(), at + ".fieldRef.fieldPath", problems);
    }
    if (source.hasConfigMapKeyRef()) {
      var ref = source.getConfigMapKeyRef();
      reference(ref.getLocalObjectReference().getName(), at + ".configMapKeyRef", problems);
      configKey(ref.getKey(), at + ".configMapKeyRef.key", problems);
    }
    if (source.hasSecretKeyRef()) {
      var ref = source.getSecretKeyRef();
      reference(ref.getLocalObjectReference().getName(), at + ".secretKeyRef", problems);
      configKey(ref.getKey(), at + ".secretKeyRef.key", problems);
    }
  }

  private static void reference(String name, String at, Problems problems) {
    if (name.isEmpty()) {
      problems.required(at + ".name");
    }
  }

  static void configKey(String key, String at, Problems problems) {
    if (key.isEmpty()) {
      problems.required(at);
    } else {
      Names.configKey(key).ifPresent(detail -> problems.invalid(at, key, detail));
    }
  }

  private static void checkFieldPath(String field, String at, Problems problems) {
    if (!field.isEmpty() && !KNOWN_FIELDS.contains(field) && !KEYED.matcher(field).matches()) {
      problems.unsupported(at, field, KNOWN_FIELDS);
    }
  }

  private static void checkEnvFrom(EnvFromSource source, String at, Problems problems) {
    if (source.hasConfigMapRef() == source.hasSecretRef()) {
      problems.invalid(
          at,
          "",
          source.hasConfigMapRef()
              ? "may not have more than one field specified at a time"
              : "must specify one of: `configMapRef` or `secretRef`");
      return;
    }
    if (source.hasConfigMapRef()) {
      reference(
          source.getConfigMapRef().getLocalObjectReference().getName(),
          at + ".configMapRef",
          problems);
    } else {
      reference(
          source.getSecretRef().getLocalObjectReference().getName(), at + ".secretRef", problems);
    }
  }

  private static void checkMounts(
      Container container, Set<String> volumes, String path, Problems problems) {
    List<VolumeMount> mounts = container.getVolumeMountsList();
    boolean privileged = container.getSecurityContext().getPrivileged();
    Set<String> places = new HashSet<>();
    for (int i = 0; i < mounts.size(); i++) {
      VolumeMount mount = mounts.get(i);
      String at = path + "[" + i + "]";
      if (mount.getName().isEmpty()) {
        problems.required(at + ".name");
      } else if (!volumes.contains(mount.getName())) {
        problems.notFound(at + ".name", mount.getName());
      }
      if (mount.getMountPath().isEmpty()) {
        problems.required(at + ".mountPath");
      } else if (!places.add(mount.getMountPath())) {
        problems.invalid(at + ".mountPath", mount.getMountPath(), "must be unique");
      }
      if (!mount.getSubPath().isEmpty() && !mount.getSubPathExpr().isEmpty()) {
        problems.invalid(
            at + ".subPathExpr",
            mount.getSubPathExpr(),
            "subPathExpr and subPath are mutually exclusive");
      }
      if (mount.getMountPropagation().equals("Bidirectional") && !privileged) {
        problems.forbidden(
            at + ".mountPropagation",
            "Bidirectional mount propagation is available only to privileged containers");
      }
      checkRecursion(mount, at + ".recursiveReadOnly", problems);
      VolumeRules.relative(mount.getSubPath(), at + ".subPath", problems);
      VolumeRules.relative(mount.getSubPathExpr(), at + ".subPathExpr", problems);
    }
  }

  /// Mounts below it can only be read-only if it is, and if none come later (KEP-3857).
  private static void checkRecursion(VolumeMount mount, String at, Problems problems) {
    if (mount.getRecursiveReadOnly().isEmpty() || mount.getRecursiveReadOnly().equals("Disabled")) {
      return;
    }
    if (!mount.getReadOnly()) {
      problems.forbidden(at, "may only be specified when readOnly is true");
    }
    String propagation = mount.getMountPropagation();
    if (!propagation.isEmpty() && !propagation.equals("None")) {
      problems.forbidden(
          at, "may only be specified when mountPropagation is None or not specified");
    }
  }

  static void checkResources(ResourceRequirements resources, String at, Problems problems) {
    amounts(resources.getLimitsMap(), at + ".limits", problems);
    amounts(resources.getRequestsMap(), at + ".requests", problems);
    resources
        .getRequestsMap()
        .forEach((name, request) -> {
          Quantity limit = resources.getLimitsMap().get(name);
          if (limit != null && exceeds(request, limit)) {
            problems.invalid(
                at + ".requests",
                request.getString(),
                "must be less than or equal to " + name + " limit of " + limit.getString());
          }
        });
  }

  private static boolean exceeds(Quantity request, Quantity limit) {
    try {
      return Quantities.compare(request, limit) > 0;
    } catch (IllegalArgumentException e) {
      // said already, of the quantity itself
      return false;
    }
  }

  static void amounts(Map<String, Quantity> amounts, String path, Problems problems) {
    amounts.forEach((name, amount) -> {
      String at = path + "[" + name + "]";
      LabelSyntax.keyProblem(name).ifPresent(detail -> problems.invalid(at, name, detail));
      try {
        BigDecimal value = Quantities.value(amount);
        if (value.signum() < 0) {
          problems.invalid(at, amount.getString(), "must be greater than or equal to 0");
        } else if (name.contains("/") && value.stripTrailingZeros().scale() > 0) {
          problems.invalid(at, amount.getString(), "must be an integer");
        }
      } catch (IllegalArgumentException e) {
        // the schema's rules report what is no quantity
      }
    });
  }

  static void seccomp(SeccompProfile profile, String at, Problems problems) {
    String where = at + ".localhostProfile";
    if (!profile.getType().equals("Localhost")) {
      if (profile.hasLocalhostProfile()) {
        problems.invalid(
            where, profile.getLocalhostProfile(), "can only be set when seccomp type is Localhost");
      }
    } else if (profile.getLocalhostProfile().isEmpty()) {
      problems.required(where, "must be set when seccomp type is Localhost");
    } else {
      VolumeRules.relative(profile.getLocalhostProfile(), where, problems);
    }
  }

  private static void checkSecurity(Container container, String at, Problems problems) {
    var context = container.getSecurityContext();
    if (context.hasSeccompProfile()) {
      seccomp(context.getSeccompProfile(), at + ".securityContext.seccompProfile", problems);
    }
    if (context.hasAppArmorProfile()) {
      AppArmorRules.check(
          context.getAppArmorProfile(), at + ".securityContext.appArmorProfile", problems);
    }
    boolean forbidden =
        context.hasAllowPrivilegeEscalation() && !context.getAllowPrivilegeEscalation();
    if (forbidden && context.getPrivileged()) {
      problems.invalidJson(
          at + ".securityContext",
          SchemaRules.shown(context),
          "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    } else if (forbidden && context.getCapabilities().getAddList().contains("CAP_SYS_ADMIN")) {
      problems.invalidJson(
          at + ".securityContext",
          SchemaRules.shown(context),
          "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }
  }
}
