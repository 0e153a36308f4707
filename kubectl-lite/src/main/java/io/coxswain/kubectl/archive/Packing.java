package io.coxswain.kubectl.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Puts files of this machine into an archive: links as links, folders with all that is in them.
public final class Packing {

  private static final String ATTRIBUTES =
      "unix:mode,uid,gid,owner,group,size,lastModifiedTime,isDirectory,isSymbolicLink,isRegularFile";

  private final TarWriter to;

  public Packing(TarWriter to) {
    this.to = to;
  }

  /// @param name what the file is called in the archive
  /// @throws IOException naming the file that cannot be read
  public void add(Path file, String name) throws IOException {
    Map<String, Object> facts = Files.readAttributes(file, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    if (is(facts, "isDirectory")) {
      folder(file, name, facts);
    } else if (is(facts, "isSymbolicLink")) {
      to.add(
          entry(
              name,
              TarEntry.Type.SYMBOLIC_LINK,
              facts,
              0,
              Files.readSymbolicLink(file).toString()));
    } else if (is(facts, "isRegularFile")) {
      try (InputStream content = Files.newInputStream(file)) {
        to.add(entry(name, TarEntry.Type.FILE, facts, number(facts, "size"), ""), content);
      }
    } else {
      throw new IOException(file + " is no file, folder or link");
    }
  }

  /// An entry of its own has only a folder that is empty: what is in the others makes them.
  private void folder(Path folder, String name, Map<String, Object> facts) throws IOException {
    List<Path> inside;
    try (Stream<Path> listed = Files.list(folder)) {
      inside = listed.sorted().toList();
    }
    if (inside.isEmpty()) {
      to.add(entry(name, TarEntry.Type.FOLDER, facts, 0, ""));
    }
    for (Path each : inside) {
      add(each, name + "/" + each.getFileName());
    }
  }

  private static boolean is(Map<String, Object> facts, String what) {
    return Boolean.TRUE.equals(facts.get(what));
  }

  private static long number(Map<String, Object> facts, String what) {
    return facts.get(what) instanceof Number number ? number.longValue() : 0;
  }

  private static TarEntry entry(
      String name, TarEntry.Type type, Map<String, Object> facts, long size, String link) {
    return new TarEntry(
        name,
        type,
        (int) number(facts, "mode") & 07777,
        size,
        facts.get("lastModifiedTime") instanceof FileTime time
            ? time.toInstant()
            : java.time.Instant.EPOCH,
        link,
        person(facts, "owner"),
        number(facts, "uid"),
        person(facts, "group"),
        number(facts, "gid"));
  }

  private static String person(Map<String, Object> facts, String what) {
    String name = facts.get(what) instanceof Principal principal ? principal.getName() : "";
    // a number says no more than the number beside it
    return name.chars().allMatch(Character::isDigit) ? "" : name;
  }
}
