package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Sysctl;
import io.coxswain.node.runtime.Sysctls;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Which of the kernel's settings pods may have otherwise. Each is of a namespace, so that the pod
/// alone sees it; safe are those by which it takes nothing from others either. Of the rest the
/// node's administrator names those that pods may change.
///
/// @param patterns names, or beginnings of names with a `*` behind them
public record AllowedSysctls(List<String> patterns) implements Admission {

  /// As in Kubernetes, on all kernels from 4.15.
  private static final List<String> SAFE =
      List.of(
          "kernel.shm_rmid_forced",
          "net.ipv4.ip_local_port_range",
          "net.ipv4.tcp_syncookies",
          "net.ipv4.ping_group_range",
          "net.ipv4.ip_unprivileged_port_start",
          "net.ipv4.ip_local_reserved_ports",
          "net.ipv4.tcp_keepalive_time",
          "net.ipv4.tcp_fin_timeout",
          "net.ipv4.tcp_keepalive_intvl",
          "net.ipv4.tcp_keepalive_probes",
          "net.ipv4.tcp_rmem",
          "net.ipv4.tcp_wmem");

  private static final Pattern FORM =
      Pattern.compile("([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*([a-z0-9][-_a-z0-9]*)?\\*?");

  private static final List<String> OF_IPC =
      List.of("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.");

  private static final String OF_NETWORK = "net.";

  /// Those that are safe.
  public static final AllowedSysctls DEFAULT = new AllowedSysctls(SAFE);

  public AllowedSysctls {
    patterns = List.copyOf(patterns);
  }

  /// Those that are safe, and more.
  ///
  /// @param unsafe as `net.core.somaxconn,kernel.msg*`; may be empty
  /// @throws IllegalArgumentException when one is no name, or of no namespace
  public static AllowedSysctls and(String unsafe) {
    List<String> named = unsafe.isBlank() ? List.of() : List.of(unsafe.split(",", -1));
    return new AllowedSysctls(
        Stream.concat(SAFE.stream(), named.stream().map(AllowedSysctls::read)).toList());
  }

  private static String read(String text) {
    String name = Sysctls.dotted(text.strip());
    if (name.isEmpty() || name.length() > 253 || !FORM.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no sysctl, as net.core.somaxconn or kernel.msg*".formatted(text));
    }
    if (!isOfNetwork(name) && !isOfIpc(name)) {
      throw new IllegalArgumentException(
          "sysctl \"%s\" is not known to be of a namespace: a pod would set it for the whole machine"
              .formatted(text));
    }
    return name;
  }

  @Override
  public Optional<Failure> refusal(Pod pod) {
    PodSpec spec = pod.getSpec();
    return spec.getSecurityContext().getSysctlsList().stream()
        .map(Sysctl::getName)
        .map(Sysctls::dotted)
        .flatMap(name -> problem(name, spec).stream())
        .findFirst()
        .map(why -> Failure.refused("SysctlForbidden", "forbidden sysctl: " + why));
  }

  private Optional<String> problem(String name, PodSpec spec) {
    if (patterns.stream().noneMatch(pattern -> matches(pattern, name))) {
      return Optional.of("\"%s\" not allowlisted".formatted(name));
    }
    String shared =
        isOfNetwork(name) && spec.getHostNetwork()
            ? "net"
            : isOfIpc(name) && spec.getHostIPC() ? "ipc" : "";
    return shared.isEmpty()
        ? Optional.empty()
        : Optional.of("\"%s\" not allowed with host %s enabled".formatted(name, shared));
  }

  private static boolean matches(String pattern, String name) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }

  private static boolean isOfNetwork(String name) {
    return name.startsWith(OF_NETWORK);
  }

  private static boolean isOfIpc(String name) {
    return OF_IPC.stream().anyMatch(name::startsWith);
  }
}
