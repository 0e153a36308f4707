package io.coxswain.node.image;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/// One member of a layer's archive, as its headers describe it: nothing is checked for safety here.
///
/// @param path as written, absolute or relative
/// @param type the type flag of the ustar header, `'0'` for a regular file whatever its age
/// @param mode permission bits with setuid, setgid and sticky
/// @param size bytes of a regular file, holes included
/// @param link target of a hard or symbolic link, else empty
/// @param attributes extended attributes
/// @param data where the stored bytes stand in a sparse file; empty for an ordinary one
record TarEntry(
    String path,
    char type,
    int mode,
    long user,
    long group,
    long size,
    Instant modified,
    String link,
    Map<String, byte[]> attributes,
    List<Extent> data) {

  static final char FILE = '0';
  static final char HARD_LINK = '1';
  static final char SYMBOLIC_LINK = '2';
  static final char CHARACTER_DEVICE = '3';
  static final char BLOCK_DEVICE = '4';
  static final char DIRECTORY = '5';
  static final char FIFO = '6';

  /// A run of stored bytes.
  record Extent(long offset, long length) {}

  TarEntry {
    attributes = Map.copyOf(attributes);
    data = List.copyOf(data);
  }
}
