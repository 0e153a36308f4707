package io.coxswain.kubectl.output;

import java.util.ArrayList;
import java.util.List;

/// Text in columns, three blanks apart, as wide as their widest cell and no narrower than
/// kubectl's; the last one is not padded.
public final class Columns {

  private static final int GAP = 3;
  private static final int LEAST = 6;

  private final List<List<String>> rows = new ArrayList<>();

  public Columns add(List<String> row) {
    rows.add(row.stream().map(Plain::of).toList());
    return this;
  }

  public Columns add(String... row) {
    return add(List.of(row));
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /// @param widths grown to fit, so that rows printed later line up with earlier ones
  public String format(List<Integer> widths) {
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        int width = Math.max(LEAST, row.get(i).length() + GAP);
        if (i == widths.size()) {
          widths.add(width);
        } else if (widths.get(i) < width) {
          widths.set(i, width);
        }
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        text.append(row.get(i));
        if (i < row.size() - 1) {
          text.repeat(' ', widths.get(i) - row.get(i).length());
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return format(new ArrayList<>());
  }
}
