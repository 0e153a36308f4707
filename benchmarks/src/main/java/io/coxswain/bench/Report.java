package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// Writes Markdown to standard output and, line for line, to a file: what was measured stays there
/// when a later part fails.
final class Report {

  /// One table; cells are text.
  static final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... heads) {
      rows.add(List.of(heads));
    }

    void row(String... cells) {
      rows.add(List.of(cells));
    }

    String markdown() {
      int columns = rows.getFirst().size();
      int[] widths = new int[columns];
      for (List<String> row : rows) {
        for (int i = 0; i < columns; i++) {
          widths[i] = Math.max(widths[i], row.get(i).length());
        }
      }
      StringBuilder text = new StringBuilder();
      boolean head = true;
      for (List<String> row : rows) {
        text.append('|');
        for (int i = 0; i < columns; i++) {
          text.append(' ').append(row.get(i));
          text.append(" ".repeat(widths[i] - row.get(i).length())).append(" |");
        }
        text.append('\n');
        if (head) {
          head = false;
          text.append('|');
          for (int width : widths) {
            text.append(" ").append("-".repeat(width)).append(" |");
          }
          text.append('\n');
        }
      }
      return text.toString();
    }
  }

  private final Path file;

  Report(Path file) throws IOException {
    this.file = file;
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.deleteIfExists(file);
  }

  Path file() {
    return file;
  }

  void text(String paragraph) throws IOException {
    write(paragraph.strip() + "\n\n");
  }

  void table(Table table) throws IOException {
    write(table.markdown() + "\n");
  }

  private void write(String text) throws IOException {
    System.out.print(text);
    System.out.flush();
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /// Progress, which is no result.
  static void say(String text) {
    System.err.println("bench: " + text);
  }
}
