package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerPort;
import io.coxswain.api.core.v1.HostAlias;
import io.coxswain.api.core.v1.PodReadinessGate;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.client.codec.LabelSyntax;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/// What holds for a pod's spec, in a pod or in a template.
final class PodRules {

  private static final int SYSCTL_LENGTH = 253;

  /// Words with dots or slashes between them.
  private static final Pattern SYSCTL =
      Pattern.compile("([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?");

  /// Of what a pod with users of its own cannot have.
  private static final String OWN_USERS = "when `hostUsers` is false";

  private PodRules() {}

  static void check(PodSpec spec, String path, Problems problems) {
    Set<String> volumes = VolumeRules.check(spec.getVolumesList(), path + ".volumes", problems);
    checkContainers(spec, volumes, path, problems);
    PodLevelResources.check(spec, path, problems);
    PodClaimRules.check(spec, path, problems);
    checkHostPorts(spec, path, problems);
    MetadataRules.labels(spec.getNodeSelectorMap(), path + ".nodeSelector", problems);
    SchedulingRules.check(spec, path, problems);
    checkDns(spec, path, problems);
    checkSysctls(spec, path + ".securityContext.sysctls", problems);
    if (spec.getSecurityContext().hasSeccompProfile()) {
      ContainerRules.seccomp(
          spec.getSecurityContext().getSeccompProfile(),
          path + ".securityContext.seccompProfile",
          problems);
    }
    if (spec.getSecurityContext().hasAppArmorProfile()) {
      AppArmorRules.check(
          spec.getSecurityContext().getAppArmorProfile(),
          path + ".securityContext.appArmorProfile",
          problems);
    }
    for (int i = 0; i < spec.getHostAliasesCount(); i++) {
      checkHostAlias(spec.getHostAliases(i), path + ".hostAliases[" + i + "]", problems);
    }
    for (int i = 0; i < spec.getReadinessGatesCount(); i++) {
      PodReadinessGate gate = spec.getReadinessGates(i);
      String at = path + ".readinessGates[" + i + "].conditionType";
      LabelSyntax.keyProblem(gate.getConditionType())
          .ifPresent(detail -> problems.invalid(at, gate.getConditionType(), detail));
    }
    if (spec.getShareProcessNamespace() && spec.getHostPID()) {
      problems.invalidJson(
          path + ".shareProcessNamespace",
          "true",
          "ShareProcessNamespace and HostPID cannot both be enabled");
    }
    checkHostUsers(spec, path, problems);
    if (!spec.getPriorityClassName().isEmpty()) {
      String name = spec.getPriorityClassName();
      Names.subdomain(name)
          .ifPresent(detail -> problems.invalid(path + ".priorityClassName", name, detail));
    }
  }

  /// The kernel's files are open to nobody who is somebody on the node.
  private static void checkMasks(List<Container> containers, String path, Problems problems) {
    for (int i = 0; i < containers.size(); i++) {
      String mount = containers.get(i).getSecurityContext().getProcMount();
      if (mount.equals("Unmasked")) {
        problems.invalid(
            "%s[%d].securityContext.procMount".formatted(path, i),
            mount,
            "`hostUsers` must be false to use `Unmasked`");
      }
    }
  }

  /// Users of its own go with no other namespace of the host's (KEP-127).
  private static void checkHostUsers(PodSpec spec, String path, Problems problems) {
    if (!spec.hasHostUsers() || spec.getHostUsers()) {
      checkMasks(spec.getInitContainersList(), path + ".initContainers", problems);
      checkMasks(spec.getContainersList(), path + ".containers", problems);
      return;
    }
    if (spec.getHostNetwork()) {
      problems.forbidden(path + ".hostNetwork", OWN_USERS);
    }
    // These two paths begin with a capital in Kubernetes' words.
    if (spec.getHostPID()) {
      problems.forbidden(path + ".HostPID", OWN_USERS);
    }
    if (spec.getHostIPC()) {
      problems.forbidden(path + ".HostIPC", OWN_USERS);
    }
    // a device is nobody's that the pod's users are
    checkNoDevices(
        spec.getInitContainersList(),
        Container::getVolumeDevicesCount,
        path + ".initContainers",
        problems);
    checkNoDevices(
        spec.getContainersList(), Container::getVolumeDevicesCount, path + ".containers", problems);
    checkNoDevices(
        spec.getEphemeralContainersList(),
        one -> one.getEphemeralContainerCommon().getVolumeDevicesCount(),
        path + ".ephemeralContainers",
        problems);
  }

  /// @param devices how many a container has
  private static <C> void checkNoDevices(
      List<C> containers, ToIntFunction<C> devices, String path, Problems problems) {
    for (int i = 0; i < containers.size(); i++) {
      if (devices.applyAsInt(containers.get(i)) > 0) {
        problems.forbidden("%s[%d].volumeDevices".formatted(path, i), OWN_USERS);
      }
    }
  }

  private static void checkContainers(
      PodSpec spec, Set<String> volumes, String path, Problems problems) {
    if (spec.getContainersCount() == 0) {
      problems.required(path + ".containers");
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < spec.getContainersCount(); i++) {
      Container container = spec.getContainers(i);
      String at = path + ".containers[" + i + "]";
      checkName(container.getName(), names, at, problems);
      ContainerRules.check(container, volumes, at, problems);
      DeviceRules.check(container, spec.getVolumesList(), at + ".volumeDevices", problems);
      checkResizing(container, spec, at, problems);
    }
    for (int i = 0; i < spec.getInitContainersCount(); i++) {
      Container container = spec.getInitContainers(i);
      String at = path + ".initContainers[" + i + "]";
      checkName(container.getName(), names, at, problems);
      ContainerRules.check(container, volumes, at, problems);
      DeviceRules.check(container, spec.getVolumesList(), at + ".volumeDevices", problems);
      checkResizing(container, spec, at, problems);
      checkInit(container, at, problems);
    }
    for (int i = 0; i < spec.getEphemeralContainersCount(); i++) {
      var common = spec.getEphemeralContainers(i).getEphemeralContainerCommon();
      String at = path + ".ephemeralContainers[" + i + "]";
      checkName(common.getName(), names, at, problems);
      if (common.getImage().isEmpty()) {
        problems.required(at + ".image");
      }
    }
  }

  private static void checkResizing(
      Container container, PodSpec spec, String at, Problems problems) {
    ResizeRules.checkPolicies(
        container.getResizePolicyList(), spec.getRestartPolicy(), at + ".resizePolicy", problems);
  }

  private static void checkName(String name, Set<String> names, String at, Problems problems) {
    if (name.isEmpty()) {
      problems.required(at + ".name");
      return;
    }
    Names.label(name).ifPresent(detail -> problems.invalid(at + ".name", name, detail));
    if (!names.add(name)) {
      problems.duplicate(at + ".name", name);
    }
  }

  /// One that ends before the pod begins has nothing to probe; one that stays beside it has.
  private static void checkInit(Container container, String at, Problems problems) {
    if (container.getRestartPolicy().equals("Always")) {
      return;
    }
    ResizeRules.checkPoliciesOfInit(container, at, problems);
    String detail = "may not be set for init containers without restartPolicy=Always";
    if (container.hasLifecycle()) {
      problems.forbidden(at + ".lifecycle", detail);
    }
    if (container.hasLivenessProbe()) {
      problems.forbidden(at + ".livenessProbe", detail);
    }
    if (container.hasReadinessProbe()) {
      problems.forbidden(at + ".readinessProbe", detail);
    }
    if (container.hasStartupProbe()) {
      problems.forbidden(at + ".startupProbe", detail);
    }
  }

  private static void checkSysctls(PodSpec spec, String path, Problems problems) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < spec.getSecurityContext().getSysctlsCount(); i++) {
      String name = spec.getSecurityContext().getSysctls(i).getName();
      String at = path + "[" + i + "].name";
      if (name.isEmpty()) {
        problems.required(at);
      } else if (name.length() > SYSCTL_LENGTH || !SYSCTL.matcher(name).matches()) {
        problems.invalid(
            at,
            name,
            "must have at most %d characters and match regex ^%s$"
                .formatted(SYSCTL_LENGTH, SYSCTL));
      } else if (!names.add(name)) {
        problems.duplicate(at, name);
      }
    }
  }

  private static void checkHostPorts(PodSpec spec, String path, Problems problems) {
    Set<String> taken = new HashSet<>();
    for (int i = 0; i < spec.getContainersCount(); i++) {
      List<ContainerPort> ports = spec.getContainers(i).getPortsList();
      for (int j = 0; j < ports.size(); j++) {
        ContainerPort port = ports.get(j);
        String at = path + ".containers[" + i + "].ports[" + j + "]";
        if (port.getHostPort() == 0) {
          continue;
        }
        if (spec.getHostNetwork() && port.getHostPort() != port.getContainerPort()) {
          problems.invalid(
              at + ".containerPort",
              port.getContainerPort(),
              "must match `hostPort` when `hostNetwork` is true");
        }
        String key = port.getProtocol() + "/" + port.getHostIP() + "/" + port.getHostPort();
        if (!taken.add(key)) {
          problems.duplicate(at + ".hostPort", key);
        }
      }
    }
  }

  private static void checkDns(PodSpec spec, String path, Problems problems) {
    String at = path + ".dnsConfig";
    if (spec.getDnsPolicy().equals("None") && spec.getDnsConfig().getNameserversCount() == 0) {
      problems.required(
          at + ".nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    List<String> servers = spec.getDnsConfig().getNameserversList();
    if (servers.size() > 3) {
      problems.tooMany(at + ".nameservers", servers.size(), 3);
    }
    for (int i = 0; i < servers.size(); i++) {
      String server = servers.get(i);
      String where = at + ".nameservers[" + i + "]";
      Names.address(server).ifPresent(detail -> problems.invalid(where, server, detail));
    }
    List<String> searches = spec.getDnsConfig().getSearchesList();
    if (searches.size() > 32) {
      problems.tooMany(at + ".searches", searches.size(), 32);
    }
    for (int i = 0; i < searches.size(); i++) {
      String search = searches.get(i);
      String where = at + ".searches[" + i + "]";
      String bare = search.endsWith(".") ? search.substring(0, search.length() - 1) : search;
      if (!search.equals(".")) {
        Names.subdomain(bare).ifPresent(detail -> problems.invalid(where, search, detail));
      }
    }
  }

  private static void checkHostAlias(HostAlias alias, String at, Problems problems) {
    Names.address(alias.getIp())
        .ifPresent(detail -> problems.invalid(at + ".ip", alias.getIp(), detail));
    for (int i = 0; i < alias.getHostnamesCount(); i++) {
      String name = alias.getHostnames(i);
      String where = at + ".hostnames[" + i + "]";
      Names.subdomain(name).ifPresent(detail -> problems.invalid(where, name, detail));
    }
  }
}
