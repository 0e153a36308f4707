package io.coxswain.kubectl.archive;

import java.time.Instant;

/// A file in an archive, without its content.
///
/// @param name as the archive has it: not to be trusted
/// @param mode the lower twelve bits
/// @param link where a link leads; empty for what is none
/// @param owner name and number, as `root` and 0; likewise the group
public record TarEntry(
    String name,
    Type type,
    int mode,
    long size,
    Instant modified,
    String link,
    String owner,
    long ownerId,
    String group,
    long groupId) {

  /// What it is.
  public enum Type {
    FILE('0'),
    HARD_LINK('1'),
    SYMBOLIC_LINK('2'),
    FOLDER('5'),
    /// A device, a pipe and whatever else.
    OTHER('?');

    private final char letter;

    Type(char letter) {
      this.letter = letter;
    }

    char letter() {
      return letter;
    }
  }
}
