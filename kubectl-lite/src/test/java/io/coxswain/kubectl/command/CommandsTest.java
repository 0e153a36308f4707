package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CommandsTest {

  static Stream<Command> all() {
    List<Command> found = new ArrayList<>();
    Commands.names().forEach(name -> add(Commands.find(name).orElseThrow(), found));
    return found.stream();
  }

  private static void add(Command command, List<Command> found) {
    found.add(command);
    command.words().forEach(word -> add(command.part(word).orElseThrow(), found));
  }

  @ParameterizedTest
  @MethodSource("all")
  void helpsWithExamplesThatItUnderstands(Command command) {
    assertThat(command.summary()).isNotBlank();
    for (String line : command.examples().lines().toList()) {
      String example = line.substring(Math.max(0, line.indexOf("kubectl-lite ")));
      assertThat(example).startsWith("kubectl-lite ");
      List<String> words = new ArrayList<>(List.of(example.replaceAll(" {2,}#.*", "").split(" ")));
      words.removeFirst();
      Command meant = Commands.find(words.removeFirst()).orElseThrow();
      while (!words.isEmpty() && meant.part(words.getFirst()).isPresent()) {
        meant = meant.part(words.removeFirst()).orElseThrow();
      }
      Options options = Session.options(meant);
      assertThatCode(() -> options.parse(words)).as(line).doesNotThrowAnyException();
    }
  }
}
