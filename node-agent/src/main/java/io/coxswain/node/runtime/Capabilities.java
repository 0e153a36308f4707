package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.SecurityContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Which of root's powers a process keeps (capabilities(7)).
final class Capabilities {

  /// What the field's runtimes leave a container.
  private static final List<String> DEFAULT =
      List.of(
          "CAP_AUDIT_WRITE",
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_MKNOD",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_RAW",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  /// By number, from 0.
  private static final List<String> ALL =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_DAC_READ_SEARCH",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETPCAP",
          "CAP_LINUX_IMMUTABLE",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_BROADCAST",
          "CAP_NET_ADMIN",
          "CAP_NET_RAW",
          "CAP_IPC_LOCK",
          "CAP_IPC_OWNER",
          "CAP_SYS_MODULE",
          "CAP_SYS_RAWIO",
          "CAP_SYS_CHROOT",
          "CAP_SYS_PTRACE",
          "CAP_SYS_PACCT",
          "CAP_SYS_ADMIN",
          "CAP_SYS_BOOT",
          "CAP_SYS_NICE",
          "CAP_SYS_RESOURCE",
          "CAP_SYS_TIME",
          "CAP_SYS_TTY_CONFIG",
          "CAP_MKNOD",
          "CAP_LEASE",
          "CAP_AUDIT_WRITE",
          "CAP_AUDIT_CONTROL",
          "CAP_SETFCAP",
          "CAP_MAC_OVERRIDE",
          "CAP_MAC_ADMIN",
          "CAP_SYSLOG",
          "CAP_WAKE_ALARM",
          "CAP_BLOCK_SUSPEND",
          "CAP_AUDIT_READ",
          "CAP_PERFMON",
          "CAP_BPF",
          "CAP_CHECKPOINT_RESTORE");

  private Capabilities() {}

  /// Sorted, and never more than the agent itself may give away.
  ///
  /// @param own the agent's bounding set as a bit mask
  static List<String> of(SecurityContext context, long own) {
    Set<String> kept = new LinkedHashSet<>(context.getPrivileged() ? ALL : DEFAULT);
    if (!context.getPrivileged()) {
      apply(kept, context.getCapabilities().getDropList(), false);
      apply(kept, context.getCapabilities().getAddList(), true);
    }
    List<String> sorted = new ArrayList<>();
    for (String name : kept) {
      int number = ALL.indexOf(name);
      if (number < 0 || (own >> number & 1) == 1) {
        sorted.add(name);
      }
    }
    sorted.sort(String::compareTo);
    return sorted;
  }

  private static void apply(Set<String> kept, List<String> names, boolean add) {
    for (String name : names) {
      String upper = name.toUpperCase(Locale.ROOT);
      if (upper.equals("ALL") && add) {
        kept.addAll(ALL);
      } else if (upper.equals("ALL")) {
        kept.clear();
      } else {
        String full = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        boolean _ = add ? kept.add(full) : kept.remove(full);
      }
    }
  }
}
