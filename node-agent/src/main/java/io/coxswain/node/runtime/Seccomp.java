package io.coxswain.node.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The profile behind `seccompProfile.type: RuntimeDefault`: everything is allowed but what reaches
/// for the kernel itself, other namespaces, or secrets of other processes. Calls that a granted
/// capability is for stay allowed with it.
final class Seccomp {

  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  private static final List<String> ALWAYS =
      List.of(
          "_sysctl",
          "add_key",
          "create_module",
          "get_kernel_syms",
          "get_mempolicy",
          "io_uring_enter",
          "io_uring_register",
          "io_uring_setup",
          "kcmp",
          "kexec_file_load",
          "kexec_load",
          "keyctl",
          "lookup_dcookie",
          "move_pages",
          "nfsservctl",
          "query_module",
          "request_key",
          "sysfs",
          "uselib",
          "userfaultfd",
          "ustat",
          "vm86",
          "vm86old");

  private static final Map<String, List<String>> BY_CAPABILITY =
      Map.of(
          "CAP_SYS_ADMIN",
          List.of(
              "bpf",
              "fanotify_init",
              "fsconfig",
              "fsmount",
              "fsopen",
              "fspick",
              "mount",
              "mount_setattr",
              "move_mount",
              "open_tree",
              "perf_event_open",
              "quotactl",
              "quotactl_fd",
              "setdomainname",
              "sethostname",
              "setns",
              "umount",
              "umount2",
              "unshare"),
          "CAP_SYS_BOOT",
          List.of("reboot"),
          "CAP_SYS_MODULE",
          List.of("delete_module", "finit_module", "init_module"),
          "CAP_SYS_NICE",
          List.of("mbind", "migrate_pages", "set_mempolicy", "set_mempolicy_home_node"),
          "CAP_SYS_PACCT",
          List.of("acct"),
          "CAP_SYS_RAWIO",
          List.of("ioperm", "iopl"),
          "CAP_SYS_TIME",
          List.of("clock_adjtime", "clock_settime", "settimeofday", "stime"),
          "CAP_DAC_READ_SEARCH",
          List.of("open_by_handle_at"),
          "CAP_SYSLOG",
          List.of("syslog"),
          "CAP_SYS_TTY_CONFIG",
          List.of("vhangup"));

  /// The CLONE_NEW flags of clone(2).
  private static final List<Long> NEW_NAMESPACES =
      List.of(
          0x00020000L,
          0x02000000L,
          0x04000000L,
          0x08000000L,
          0x10000000L,
          0x20000000L,
          0x40000000L);

  private Seccomp() {}

  /// `linux.seccomp` of the bundle.
  static Map<String, Object> runtimeDefault(Set<String> capabilities) {
    List<String> denied =
        java.util.stream.Stream.concat(
                ALWAYS.stream(),
                BY_CAPABILITY.entrySet().stream()
                    .filter(entry -> !capabilities.contains(entry.getKey()))
                    .flatMap(entry -> entry.getValue().stream()))
            .sorted()
            .toList();
    Map<String, Object> profile = new LinkedHashMap<>();
    profile.put("defaultAction", "SCMP_ACT_ALLOW");
    profile.put(
        "architectures",
        List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"));
    Map<String, Object> refuse = rule(denied, EPERM);
    if (capabilities.contains("CAP_SYS_ADMIN")) {
      profile.put("syscalls", List.of(refuse));
      return profile;
    }
    List<Map<String, Object>> rules = new ArrayList<>();
    rules.add(refuse);
    for (long flag : NEW_NAMESPACES) {
      Map<String, Object> clone = rule(List.of("clone"), EPERM);
      Map<String, Object> condition = new LinkedHashMap<>();
      condition.put("index", 0);
      condition.put("value", flag);
      condition.put("valueTwo", flag);
      condition.put("op", "SCMP_CMP_MASKED_EQ");
      clone.put("args", List.of(condition));
      rules.add(clone);
    }
    // clone3 hides its flags in memory; told that it is unknown, libraries fall back to clone.
    rules.add(rule(List.of("clone3"), ENOSYS));
    profile.put("syscalls", rules);
    return profile;
  }

  private static Map<String, Object> rule(List<String> names, int errno) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("names", names);
    rule.put("action", "SCMP_ACT_ERRNO");
    rule.put("errnoRet", errno);
    return rule;
  }
}
