package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// Signals to processes that are not the agent's children, safe against process numbers that were
/// given to somebody else.
public final class Signals {

  public static final int SIGKILL = 9;
  public static final int SIGTERM = 15;
  public static final int SIGSTOP = 19;

  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("HUP", 1),
          Map.entry("INT", 2),
          Map.entry("QUIT", 3),
          Map.entry("ABRT", 6),
          Map.entry("KILL", SIGKILL),
          Map.entry("USR1", 10),
          Map.entry("USR2", 12),
          Map.entry("ALRM", 14),
          Map.entry("TERM", SIGTERM),
          Map.entry("CONT", 18),
          Map.entry("STOP", SIGSTOP),
          Map.entry("WINCH", 28),
          Map.entry("PWR", 30));

  private Signals() {}

  /// `SIGTERM`, `TERM` or `15`; SIGTERM for what is unknown. Real-time signals are `RTMIN+n`.
  public static int number(String name) {
    String text = name.strip().toUpperCase(Locale.ROOT);
    text = text.startsWith("SIG") ? text.substring(3) : text;
    if (text.matches("[0-9]{1,2}")) {
      return Integer.parseInt(text);
    }
    if (text.matches("RTMIN\\+[0-9]{1,2}")) {
      return 34 + Integer.parseInt(text.substring(6));
    }
    return NUMBERS.getOrDefault(text, SIGTERM);
  }

  /// Sends the signal if the process still is what it was: `/proc/PID/cgroup` names `cgroup`. A
  /// process that is gone is fine.
  public static void send(int pid, String cgroup, int signal) throws IOException {
    int descriptor;
    try {
      descriptor = Libc.pidfdOpen(pid);
    } catch (SystemCallException e) {
      return;
    }
    try {
      if (belongs(pid, cgroup)) {
        Libc.pidfdSignal(descriptor, signal);
      }
    } catch (SystemCallException e) {
      if (e.errno() != Errno.ESRCH) {
        throw e;
      }
    } finally {
      Libc.close(descriptor);
    }
  }

  /// Whether the process is there, not a zombie, and in the control group.
  public static boolean belongs(int pid, String cgroup) {
    if (pid <= 0) {
      return false;
    }
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cgroup")).contains(cgroup);
    } catch (IOException e) {
      return false;
    }
  }

  /// Whether the process is there and one of its arguments is `word`.
  public static boolean hasArgument(int pid, String word) {
    if (pid <= 0) {
      return false;
    }
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline")).contains(word);
    } catch (IOException e) {
      return false;
    }
  }
}
