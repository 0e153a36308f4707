package io.coxswain.kubectl;

import io.coxswain.kubectl.command.Command;
import io.coxswain.kubectl.command.Commands;
import io.coxswain.kubectl.http.Api;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The program's entry.
public final class KubectlLite {

  private KubectlLite() {}

  public static void main(String[] arguments) throws IOException {
    PrintStream out =
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 16 * 1024),
            false,
            StandardCharsets.UTF_8);
    Session.World world =
        new Session.World(
            System.in,
            out,
            System.err,
            System.getenv(),
            Path.of(""),
            Clock.systemUTC(),
            KubectlLite::writesToTerminal);
    List<String> words = List.of(arguments);
    int train = words.indexOf("train");
    int code = train >= 0 && train == words.size() - 2 ? train(words, world) : run(words, world);
    out.flush();
    System.exit(code);
  }

  /// What Java tells of a console is about input and output together, so Linux is asked.
  private static boolean writesToTerminal() {
    Path out = Path.of("/proc/self/fd/1");
    try {
      String target = Files.readSymbolicLink(out).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false; // no link, or none that can be read: nobody knows
    }
  }

  /// Runs a file of command lines one after another: how the build records what the start-up cache
  /// shall hold.
  private static int train(List<String> words, Session.World world) throws IOException {
    List<String> before = words.subList(0, words.size() - 2);
    for (String line : Files.readAllLines(Path.of(words.getLast()))) {
      List<String> command = new ArrayList<>(List.of(line.split(" ")));
      command.addAll(before);
      run(command, world);
    }
    return 0;
  }

  /// Runs one command line.
  ///
  /// @return the exit code
  public static int run(List<String> words, Session.World world) {
    try {
      return dispatch(words, world);
    } catch (Failure e) {
      world.out().flush();
      if (e.getMessage() != null && !e.getMessage().isEmpty()) {
        world.err().println(e.getMessage());
      }
      return e.code();
    } catch (Api.Refusal e) {
      world.out().flush();
      world.err().println(Refusals.text(e));
      return 1;
    } catch (OutOfMemoryError e) {
      world
          .err()
          .printf(
              "error: so much does not fit in this program's memory (%d MB): ask for less, by a"
                  + " namespace, --selector or --field-selector%n",
              Runtime.getRuntime().maxMemory() >> 20);
      return 1;
    }
  }

  private static int dispatch(List<String> words, Session.World world) {
    if (words.isEmpty()
        || (words.size() == 1 && List.of("help", "--help", "-h").contains(words.getFirst()))) {
      world.out().print(Commands.help());
      return 0;
    }
    List<String> rest = new ArrayList<>(words);
    if (rest.getFirst().equals("help")) {
      rest.removeFirst();
      rest.add("--help");
    }
    int at = Commands.position(rest);
    if (at < 0) {
      throw new Failure(
          "error: a command is missing\nRun 'kubectl-lite help' for the list of commands.");
    }
    String verb = rest.remove(at);
    Command command =
        Commands.find(verb)
            .orElseThrow(() ->
                new Failure(
                    "error: unknown command \""
                        + verb
                        + "\" for \"kubectl-lite\""
                        + Commands.near(verb)
                        + "\nRun 'kubectl-lite help' for the list of commands."));
    for (int part = Commands.position(rest); part >= 0; part = Commands.position(rest)) {
      Optional<Command> inner = command.part(rest.get(part));
      if (inner.isEmpty()) {
        break;
      }
      command = inner.get();
      rest.remove(part);
    }
    Options options = Session.global(command.declare(new Options())).parse(rest);
    if (options.isSet("help")) {
      world
          .out()
          .print(
              command.summary()
                  + "\n\nExamples:\n"
                  + command.examples().indent(2)
                  + "\nOptions:\n"
                  + options.help());
      return 0;
    }
    try (Session session = new Session(world, options)) {
      session.prepare();
      return command.run(session);
    }
  }
}
