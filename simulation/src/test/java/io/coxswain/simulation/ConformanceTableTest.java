package io.coxswain.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds `docs/conformance.md` against the tests that it names: in this module because those are in
/// all others.
class ConformanceTableTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern GROUP = Pattern.compile("## sig-([a-z-]+(?:, of \\w+)?): (\\d+)");
  private static final Pattern ROW = Pattern.compile("\\| (.+?) \\| (`.+`) \\|");
  private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

  /// How many behaviours version 1.36 lists.
  private static final Map<String, Integer> LISTED =
      Map.of(
          "api-machinery", 99,
          "auth", 10,
          "cli", 17,
          "instrumentation", 4,
          "architecture", 1,
          "node, of DRA", 4);

  private record Row(String group, String behaviour, List<String[]> tests) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    String group = "";
    for (String line : Files.readAllLines(ROOT.resolve("docs/conformance.md"))) {
      Matcher heading = GROUP.matcher(line);
      if (heading.matches()) {
        group = heading.group(1);
        assertThat(Integer.parseInt(heading.group(2))).as(line).isEqualTo(LISTED.get(group));
      }
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        List<String[]> tests =
            TEST.matcher(row.group(2))
                .results()
                .map(found -> new String[] {found.group(1), found.group(2)})
                .toList();
        rows.add(new Row(group, row.group(1), tests));
      }
    }
    return rows;
  }

  @Test
  void everyBehaviourHasARowOfItsOwn() throws IOException {
    Map<String, Integer> counted = new LinkedHashMap<>();
    rows().forEach(row -> counted.merge(row.group(), 1, Integer::sum));
    assertThat(counted).isEqualTo(LISTED);
    assertThat(rows()).extracting(Row::behaviour).doesNotHaveDuplicates();
  }

  @Test
  void everyTestThatIsNamedIsThere() throws IOException {
    Map<String, List<Path>> classes = new LinkedHashMap<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path sources : modules.map(module -> module.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            files
                .filter(file -> file.toString().endsWith("Test.java"))
                .forEach(file ->
                    classes
                        .computeIfAbsent(
                            file.getFileName().toString().replace(".java", ""),
                            _ -> new ArrayList<>())
                        .add(file));
          }
        }
      }
    }
    for (Row row : rows()) {
      assertThat(row.tests()).as(row.behaviour()).isNotEmpty();
      for (String[] test : row.tests()) {
        List<Path> files = classes.getOrDefault(test[0], List.of());
        assertThat(files).as("%s of %s", test[0], row.behaviour()).hasSize(1);
        assertThat(marks(Files.readString(files.getFirst()), test[1]))
            .as("%s of %s", test[1], row.behaviour())
            .containsPattern("@(Test|ParameterizedTest)\\b");
      }
    }
  }

  /// What stands before a method, up to an empty line; nothing where there is no such method.
  private static String marks(String source, String method) {
    int at = source.indexOf(" void " + method + "(");
    return at < 0 ? "" : source.substring(source.lastIndexOf("\n\n", at) + 1, at);
  }
}
