package io.coxswain.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds `docs/attacks.md` against the tests that it names: in this module because those are in all
/// others.
class AttackTableTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern ROW = Pattern.compile("\\| (.+) \\| `(\\w+)#(\\w+)` \\|");
  private static final Pattern LISTED =
      Pattern.compile("(?:new Attack|makes)\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

  private record Row(String attack, String test, String method) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/attacks.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.add(new Row(row.group(1), row.group(2), row.group(3)));
      }
    }
    return rows;
  }

  private static List<Path> tests() throws IOException {
    List<Path> tests = new ArrayList<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path sources : modules.map(module -> module.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(tests::add);
          }
        }
      }
    }
    return tests;
  }

  @Test
  void everyTestThatIsNamedIsThere() throws IOException {
    List<Path> tests = tests();
    for (Row row : rows()) {
      List<String> sources = new ArrayList<>();
      for (Path file : tests) {
        if (file.endsWith(row.test() + ".java")) {
          sources.add(Files.readString(file));
        }
      }
      assertThat(sources)
          .as("%s#%s", row.test(), row.method())
          .anySatisfy(source ->
              assertThat(marks(source, row.method()))
                  .containsPattern("@(Test|ParameterizedTest)\\b"));
    }
  }

  @Test
  void everyAttackThatIsListedHasARow() throws IOException {
    List<String> listed = new ArrayList<>();
    for (Path file : tests()) {
      if (file.getFileName().toString().matches("\\w+Attacks(Test)?\\.java")) {
        LISTED
            .matcher(Files.readString(file))
            .results()
            .forEach(found -> listed.add(found.group(1)));
      }
    }
    assertThat(listed).hasSizeGreaterThan(60).doesNotHaveDuplicates();
    assertThat(rows()).extracting(Row::attack).containsAll(listed).doesNotHaveDuplicates();
  }

  /// What stands before a method, up to an empty line; nothing where there is no such method.
  private static String marks(String source, String method) {
    int at = source.indexOf(" void " + method + "(");
    return at < 0 ? "" : source.substring(source.lastIndexOf("\n\n", at) + 1, at);
  }
}
