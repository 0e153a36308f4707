package io.coxswain.node.image.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Writes one layer's archive, in whatever order and however wrong it is asked to be.
public final class LayerBuilder {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar;

  public LayerBuilder() {
    tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  public LayerBuilder folder(String path, int mode) {
    TarArchiveEntry entry = entry(path, TarConstants.LF_DIR);
    entry.setMode(mode);
    return add(entry, new byte[0]);
  }

  public LayerBuilder file(String path, String content) {
    return file(path, 0644, content.getBytes(StandardCharsets.UTF_8));
  }

  public LayerBuilder file(String path, int mode, byte[] content) {
    TarArchiveEntry entry = entry(path, TarConstants.LF_NORMAL);
    entry.setMode(mode);
    return add(entry, content);
  }

  public LayerBuilder file(String path, Map<String, String> paxHeaders, String content) {
    TarArchiveEntry entry = entry(path, TarConstants.LF_NORMAL);
    entry.setMode(0644);
    paxHeaders.forEach(entry::addPaxHeader);
    return add(entry, content.getBytes(StandardCharsets.UTF_8));
  }

  public LayerBuilder owned(String path, long user, long group, String content) {
    TarArchiveEntry entry = entry(path, TarConstants.LF_NORMAL);
    entry.setUserId(user);
    entry.setGroupId(group);
    entry.setMode(0640);
    return add(entry, content.getBytes(StandardCharsets.UTF_8));
  }

  public LayerBuilder symbolicLink(String path, String target) {
    return link(path, TarConstants.LF_SYMLINK, target);
  }

  public LayerBuilder hardLink(String path, String target) {
    return link(path, TarConstants.LF_LINK, target);
  }

  /// Hides `name` of the layers below.
  public LayerBuilder whiteout(String folder, String name) {
    return file((folder.isEmpty() ? "" : folder + "/") + ".wh." + name, "");
  }

  /// Hides all that the layers below have in the folder.
  public LayerBuilder opaque(String folder) {
    return file(folder + "/.wh..wh..opq", "");
  }

  public LayerBuilder device(String path, boolean block, int major, int minor) {
    TarArchiveEntry entry = entry(path, block ? TarConstants.LF_BLK : TarConstants.LF_CHR);
    entry.setMode(0666);
    entry.setDevMajor(major);
    entry.setDevMinor(minor);
    return add(entry, new byte[0]);
  }

  public LayerBuilder special(String path, byte type) {
    return add(entry(path, type), new byte[0]);
  }

  /// The archive, not compressed.
  public byte[] build() {
    try {
      tar.finish();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LayerBuilder link(String path, byte type, String target) {
    TarArchiveEntry entry = entry(path, type);
    entry.setMode(0777);
    entry.setLinkName(target);
    return add(entry, new byte[0]);
  }

  private static TarArchiveEntry entry(String path, byte type) {
    TarArchiveEntry entry = new TarArchiveEntry(path, type, true);
    entry.setModTime(1_700_000_000_000L);
    return entry;
  }

  private LayerBuilder add(TarArchiveEntry entry, byte[] content) {
    try {
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
