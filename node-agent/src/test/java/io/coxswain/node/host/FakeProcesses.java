package io.coxswain.node.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Answers as it is told and remembers what was asked.
public final class FakeProcesses implements Processes {

  private final List<Command> commands = new ArrayList<>();
  private Function<Command, Outcome> answer = command -> outcome(0, "");

  public static Outcome outcome(int exit, String out) {
    return new Outcome(exit, out, "");
  }

  public synchronized void answering(Function<Command, Outcome> with) {
    answer = with;
  }

  public synchronized List<Command> commands() {
    return List.copyOf(commands);
  }

  @Override
  public synchronized Outcome run(Command command) throws IOException {
    commands.add(command);
    return answer.apply(command);
  }
}
