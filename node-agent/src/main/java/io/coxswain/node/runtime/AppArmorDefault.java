package io.coxswain.node.runtime;

/// The profile behind `appArmorProfile.type: RuntimeDefault`: what containers do among themselves
/// is free, but no mounts are made, and of the kernel's files none that change or tell of the node.
final class AppArmorDefault {

  /// In the language of apparmor.d(5).
  static final String TEXT =
      """
      #include <tunables/global>

      profile %1$s flags=(attach_disconnected,mediate_deleted) {
        #include <abstractions/base>

        capability,
        file,
        network,
        umount,

        # the agent, its runtimes and monitors end containers
        signal (receive) peer=unconfined,
        signal (receive) peer={/usr/bin/,/usr/sbin/,}{crun,runc,conmon},
        signal (send,receive) peer=%1$s,
        ptrace (trace,read,tracedby,readby) peer=%1$s,

        deny mount,

        deny @{PROC}/* w,
        deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9]*}/** w,
        deny @{PROC}/sys/[^k]** w,
        deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,
        deny @{PROC}/kcore rwklx,
        deny @{PROC}/sysrq-trigger rwklx,

        deny /sys/[^f]*/** wklx,
        deny /sys/f[^s]*/** wklx,
        deny /sys/fs/[^c]*/** wklx,
        deny /sys/fs/c[^g]*/** wklx,
        deny /sys/fs/cg[^r]*/** wklx,
        deny /sys/firmware/** rwklx,
        deny /sys/devices/virtual/powercap/** rwklx,
        deny /sys/kernel/security/** rwklx,
      }
      """
          .formatted(AppArmor.DEFAULT);

  private AppArmorDefault() {}
}
