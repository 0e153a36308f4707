package io.coxswain.controlplane.admission.podsecurity;

import static io.coxswain.controlplane.admission.podsecurity.Words.containers;
import static io.coxswain.controlplane.admission.podsecurity.Words.plural;
import static io.coxswain.controlplane.admission.podsecurity.Words.quoted;
import static io.coxswain.controlplane.admission.podsecurity.Words.setters;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.LifecycleHandler;
import io.coxswain.api.core.v1.Probe;
import io.coxswain.api.core.v1.SELinuxOptions;
import io.coxswain.api.core.v1.Sysctl;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.client.codec.AppArmorAnnotation;
import io.coxswain.controlplane.admission.podsecurity.AnyContainer.Found;
import io.coxswain.controlplane.admission.podsecurity.PodChecks.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What keeps a pod from the node's own: the level baseline.
final class BaselineChecks {

  private static final Set<String> USUAL_CAPABILITIES =
      Set.of(
          "AUDIT_WRITE",
          "CHOWN",
          "DAC_OVERRIDE",
          "FOWNER",
          "FSETID",
          "KILL",
          "MKNOD",
          "NET_BIND_SERVICE",
          "SETFCAP",
          "SETGID",
          "SETPCAP",
          "SETUID",
          "SYS_CHROOT");

  /// Which settings of the kernel concern the pod alone, by the minor version that said so.
  private static final Map<String, Integer> SYSCTLS =
      Map.ofEntries(
          Map.entry("kernel.shm_rmid_forced", 0),
          Map.entry("net.ipv4.ip_local_port_range", 0),
          Map.entry("net.ipv4.tcp_syncookies", 0),
          Map.entry("net.ipv4.ping_group_range", 0),
          Map.entry("net.ipv4.ip_unprivileged_port_start", 0),
          Map.entry("net.ipv4.ip_local_reserved_ports", 27),
          Map.entry("net.ipv4.tcp_keepalive_time", 29),
          Map.entry("net.ipv4.tcp_fin_timeout", 29),
          Map.entry("net.ipv4.tcp_keepalive_intvl", 29),
          Map.entry("net.ipv4.tcp_keepalive_probes", 29),
          Map.entry("net.ipv4.tcp_rmem", 32),
          Map.entry("net.ipv4.tcp_wmem", 32));

  private BaselineChecks() {}

  static Optional<Violation> appArmor(Subject pod) {
    var own = pod.spec().getSecurityContext();
    boolean byPod = own.hasAppArmorProfile() && !isAppArmor(own.getAppArmorProfile().getType());
    Found found =
        AnyContainer.find(
            pod.containers(),
            one ->
                one.security().hasAppArmorProfile()
                        && !isAppArmor(one.security().getAppArmorProfile().getType())
                    ? List.of(one.security().getAppArmorProfile().getType())
                    : List.of());
    Set<String> values = new TreeSet<>(found.values());
    if (byPod) {
      values.add(own.getAppArmorProfile().getType());
    }
    List<String> annotations =
        pod.meta().getAnnotationsMap().entrySet().stream()
            .filter(one -> AppArmorAnnotation.container(one.getKey()).isPresent())
            .filter(one ->
                !one.getValue().isEmpty()
                    && AppArmorAnnotation.profile(one.getValue())
                        .filter(profile -> isAppArmor(profile.getType()))
                        .isEmpty())
            .map(one -> one.getKey() + "=\"" + one.getValue() + "\"")
            .sorted()
            .toList();
    List<String> all = new ArrayList<>(values);
    List<String> by = new ArrayList<>();
    if (byPod || !found.containers().isEmpty()) {
      by.add(setters(byPod, found.containers()));
    }
    if (!annotations.isEmpty()) {
      all.addAll(annotations);
      by.add(plural("annotation", annotations.size()));
    }
    return by.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                plural("forbidden AppArmor profile", all.size()),
                String.join(" and ", by)
                    + " must not set AppArmor profile type to "
                    + quoted(all)));
  }

  private static boolean isAppArmor(String type) {
    return type.equals("RuntimeDefault") || type.equals("Localhost");
  }

  static Optional<Violation> capabilities(Subject pod) {
    Found found =
        AnyContainer.find(
            pod.containers(),
            one ->
                one.security().getCapabilities().getAddList().stream()
                    .filter(added -> !USUAL_CAPABILITIES.contains(added))
                    .toList());
    return violated(
        found,
        "non-default capabilities",
        " must not include " + quoted(found.values()) + " in securityContext.capabilities.add");
  }

  private static Optional<Violation> violated(Found found, String reason, String what) {
    return found.containers().isEmpty()
        ? Optional.empty()
        : Optional.of(new Violation(reason, containers(found.containers()) + what));
  }

  static Optional<Violation> hostNamespaces(Subject pod) {
    List<String> shared = new ArrayList<>();
    if (pod.spec().getHostNetwork()) {
      shared.add("hostNetwork=true");
    }
    if (pod.spec().getHostPID()) {
      shared.add("hostPID=true");
    }
    if (pod.spec().getHostIPC()) {
      shared.add("hostIPC=true");
    }
    return shared.isEmpty()
        ? Optional.empty()
        : Optional.of(new Violation("host namespaces", String.join(", ", shared)));
  }

  static Optional<Violation> hostPathVolumes(Subject pod) {
    List<String> names =
        pod.spec().getVolumesList().stream()
            .filter(volume -> volume.getVolumeSource().hasHostPath())
            .map(Volume::getName)
            .toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "hostPath volumes", plural("volume", names.size()) + " " + quoted(names)));
  }

  /// An image that is a folder of the node shows as much of it as a hostPath.
  static Optional<Violation> hostImages(Subject pod) {
    Found found =
        AnyContainer.find(
            pod.containers(),
            one ->
                one.spec().getImage().startsWith("host://")
                    ? List.of(one.spec().getImage())
                    : List.of());
    return violated(found, "host images", " must not use " + quoted(found.values()));
  }

  static Optional<Violation> hostPorts(Subject pod) {
    Found found =
        AnyContainer.find(
            pod.containers(),
            one ->
                one.spec().getPortsList().stream()
                    .filter(port -> port.getHostPort() != 0)
                    .map(port -> Integer.toString(port.getHostPort()))
                    .toList());
    return violated(
        found,
        "hostPort",
        " "
            + plural("uses", "use", found.containers().size())
            + " "
            + plural("hostPort", found.values().size())
            + " "
            + String.join(", ", found.values()));
  }

  static Optional<Violation> probeHosts(Subject pod) {
    Found found = AnyContainer.find(pod.containers(), one -> hosts(one.spec()).sorted().toList());
    Found sorted =
        new Found(found.containers().stream().sorted().distinct().toList(), found.values());
    return violated(
        sorted,
        "probe or lifecycle host",
        " "
            + plural("uses", "use", sorted.containers().size())
            + " "
            + plural("probe or lifecycle host", sorted.values().size())
            + " "
            + quoted(sorted.values()));
  }

  private static Stream<String> hosts(Container container) {
    Stream<String> probes =
        Stream.of(
                container.getLivenessProbe(),
                container.getReadinessProbe(),
                container.getStartupProbe())
            .map(Probe::getHandler)
            .flatMap(one -> Stream.of(one.getHttpGet().getHost(), one.getTcpSocket().getHost()));
    Stream<String> hooks =
        Stream.<LifecycleHandler>of(
                container.getLifecycle().getPostStart(), container.getLifecycle().getPreStop())
            .flatMap(one -> Stream.of(one.getHttpGet().getHost(), one.getTcpSocket().getHost()));
    return Stream.concat(probes, hooks).filter(host -> !host.isEmpty());
  }

  static Optional<Violation> privileged(Subject pod) {
    List<String> bad = AnyContainer.names(pod.containers(), one -> one.security().getPrivileged());
    return bad.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Violation(
                "privileged", containers(bad) + " must not set securityContext.privileged=true"));
  }

  static Optional<Violation> procMount(Subject pod) {
    return pod.hasOwnUsers() ? Optional.empty() : maskedProc(pod);
  }

  static Optional<Violation> maskedProc(Subject pod) {
    Found found =
        AnyContainer.find(
            pod.containers(),
            one -> {
              String mount = one.security().getProcMount();
              return mount.isEmpty() || mount.equals("Default") ? List.of() : List.of(mount);
            });
    return violated(
        found, "procMount", " must not set securityContext.procMount to " + quoted(found.values()));
  }

  static Optional<Violation> seLinux(Subject pod) {
    Set<String> types =
        new TreeSet<>(Set.of("", "container_t", "container_init_t", "container_kvm_t"));
    if (pod.minor() >= 31) {
      types.add("container_engine_t");
    }
    List<SELinuxOptions> bad = new ArrayList<>();
    var own = pod.spec().getSecurityContext();
    boolean byPod = own.hasSeLinuxOptions() && !isUsual(own.getSeLinuxOptions(), types);
    if (byPod) {
      bad.add(own.getSeLinuxOptions());
    }
    List<String> names = new ArrayList<>();
    for (AnyContainer one : pod.containers()) {
      if (one.security().hasSeLinuxOptions()
          && !isUsual(one.security().getSeLinuxOptions(), types)) {
        names.add(one.name());
        bad.add(one.security().getSeLinuxOptions());
      }
    }
    if (bad.isEmpty()) {
      return Optional.empty();
    }
    Set<String> badTypes = new TreeSet<>();
    bad.forEach(options -> badTypes.add(options.getType()));
    badTypes.removeAll(types);
    List<String> what = new ArrayList<>();
    if (!badTypes.isEmpty()) {
      what.add(plural("type", badTypes.size()) + " " + quoted(badTypes));
    }
    if (bad.stream().anyMatch(options -> !options.getUser().isEmpty())) {
      what.add("user may not be set");
    }
    if (bad.stream().anyMatch(options -> !options.getRole().isEmpty())) {
      what.add("role may not be set");
    }
    return Optional.of(
        new Violation(
            "seLinuxOptions",
            setters(byPod, names)
                + " set forbidden securityContext.seLinuxOptions: "
                + String.join("; ", what)));
  }

  private static boolean isUsual(SELinuxOptions options, Set<String> types) {
    return types.contains(options.getType())
        && options.getUser().isEmpty()
        && options.getRole().isEmpty();
  }

  static Optional<Violation> sysctls(Subject pod) {
    List<String> bad =
        pod.spec().getSecurityContext().getSysctlsList().stream()
            .map(Sysctl::getName)
            .filter(name -> !SYSCTLS.containsKey(name) || SYSCTLS.get(name) > pod.minor())
            .toList();
    return bad.isEmpty()
        ? Optional.empty()
        : Optional.of(new Violation("forbidden sysctls", String.join(", ", bad)));
  }

  static Optional<Violation> windowsHostProcess(Subject pod) {
    boolean byPod = pod.spec().getSecurityContext().getWindowsOptions().getHostProcess();
    List<String> names =
        AnyContainer.names(
            pod.containers(), one -> one.security().getWindowsOptions().getHostProcess());
    return byPod || !names.isEmpty()
        ? Optional.of(
            new Violation(
                "hostProcess",
                setters(byPod, names)
                    + " must not set securityContext.windowsOptions.hostProcess=true"))
        : Optional.empty();
  }
}
