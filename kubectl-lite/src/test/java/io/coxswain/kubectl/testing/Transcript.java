package io.coxswain.kubectl.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A golden file of commands and what they print: a line that begins with `$ ` is run, and what
/// follows it up to the next one is what it has to print, errors last, then the exit code where it
/// is not 0. `-Dcoxswain.golden=update` writes what is printed now.
public final class Transcript {

  private static final Pattern WORD = Pattern.compile("((?:[^\\s']|'[^']*')+)");

  private Transcript() {}

  /// @param name of a file in `src/test/resources/golden`
  public static void check(String name, CommandLine commands, Path folder) throws IOException {
    Path file = Path.of("src/test/resources/golden", name);
    List<String> wanted = Files.readAllLines(file);
    StringBuilder text = new StringBuilder();
    for (String line : wanted) {
      if (line.startsWith("$ ")) {
        text.append(line).append('\n');
        CommandLine.Ran ran =
            commands.run(
                words(line.substring(2).replace("FOLDER", folder.toString()))
                    .toArray(String[]::new));
        String printed = ran.out() + ran.err() + (ran.code() == 0 ? "" : "[" + ran.code() + "]\n");
        text.append(printed.replace(folder.toString(), "FOLDER")).append('\n');
      } else if (line.startsWith("# ") && text.isEmpty()) {
        text.append(line).append("\n\n");
      }
    }
    String now = text.toString().stripTrailing() + "\n";
    if ("update".equals(System.getProperty("coxswain.golden"))) {
      Files.writeString(file, now);
    }
    assertThat(now).isEqualTo(Files.readString(file));
  }

  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(line);
    while (word.find()) {
      words.add(word.group(1).replace("'", ""));
    }
    return words;
  }
}
