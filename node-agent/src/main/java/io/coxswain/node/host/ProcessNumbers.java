package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many processes and threads the machine has, and can have (proc(5)).
///
/// @param most that can be at once
/// @param running that are
public record ProcessNumbers(long most, long running) {

  public long available() {
    return most - running;
  }

  public static ProcessNumbers read() throws IOException {
    long pids = number("/proc/sys/kernel/pid_max");
    long threads = number("/proc/sys/kernel/threads-max");
    // 0.20 0.18 0.12 1/80 11206: running and existing ones are the fourth
    String[] load = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
    String existing = load[3].substring(load[3].indexOf('/') + 1);
    return new ProcessNumbers(Math.min(pids, threads), Long.parseLong(existing));
  }

  private static long number(String file) throws IOException {
    // lines, not the string: that is read by bytes, of which sysctl's files give the first one
    // alone
    return Long.parseLong(Files.readAllLines(Path.of(file)).getFirst().strip());
  }
}
