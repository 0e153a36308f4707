package io.coxswain.node.filesystem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;

/// What a file is, as inode(7) has it.
public enum FileType {
  FOLDER(0040000, "a directory"),
  FILE(0100000, "a file"),
  LINK(0120000, "a link"),
  SOCKET(0140000, "a socket"),
  CHARACTER_DEVICE(0020000, "a character device"),
  BLOCK_DEVICE(0060000, "a block device"),
  FIFO(0010000, "a fifo"),
  UNKNOWN(0, "a file of an unknown type");

  private static final int BITS = 0170000;

  /// By the bits. Who counts a disk's files asks for each.
  private static final FileType[] BY_BITS = new FileType[(BITS >> 12) + 1];

  static {
    Arrays.fill(BY_BITS, UNKNOWN);
    for (FileType type : values()) {
      BY_BITS[type.bits >> 12] = type;
    }
  }

  private final int bits;
  private final String text;

  FileType(int bits, String text) {
    this.bits = bits;
    this.text = text;
  }

  /// As a part of the file's mode.
  int bits() {
    return bits;
  }

  /// For messages, with its article.
  public String text() {
    return text;
  }

  /// @param mode of the file, its permissions included
  public static FileType of(int mode) {
    return BY_BITS[(mode & BITS) >> 12];
  }

  /// @throws java.nio.file.NoSuchFileException when it is not there
  public static FileType of(Path file, LinkOption... options) throws IOException {
    return of((int) Files.getAttribute(file, "unix:mode", options));
  }
}
