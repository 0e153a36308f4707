package io.coxswain.deploy;

import java.util.Arrays;
import java.util.List;

/// The program's entry: the first argument names the role.
public final class Coxswain {

  private Coxswain() {}

  public static void main(String[] arguments) throws InterruptedException {
    String role = arguments.length == 0 ? "help" : arguments[0];
    List<String> rest =
        Arrays.asList(arguments).subList(Math.min(1, arguments.length), arguments.length);
    try {
      switch (role) {
        case "all-in-one" -> Server.run(rest, Server.Shape.ALL_IN_ONE);
        case "server" -> Server.run(rest, Server.Shape.SERVER);
        case "scheduler" -> SchedulerRole.run(rest);
        case "agent" -> AgentRole.run(rest);
        case "version" -> System.out.println("coxswain " + Version.text());
        default -> throw new Flags.UsageException("unknown role: " + role);
      }
    } catch (Flags.UsageException e) {
      System.err.println("coxswain " + role + ": " + e.getMessage());
      System.exit(2);
    }
  }
}
