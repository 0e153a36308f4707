package io.coxswain.deploy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Takes the signatures out of a folder's jars, as part of putting the program together. The build
/// has checked what it fetched; at run time nobody asks who signed a library, but the JVM checks
/// every class of a signed jar when it is first loaded, which takes a good part of a second at each
/// start, and keeps such classes out of the start-up cache.
public final class UnsignedJars {

  private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]*\\.(SF|RSA|DSA|EC)");

  private UnsignedJars() {}

  /// @param arguments the folder
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    List<Path> jars;
    try (Stream<Path> files = Files.list(folder)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    for (Path jar : jars) {
      unsign(jar);
    }
  }

  /// Leaves a jar without signatures as it is.
  static void unsign(Path file) throws IOException {
    Path unsigned = file.resolveSibling(file.getFileName() + ".unsigned");
    FileTime time = Files.getLastModifiedTime(file);
    try (JarFile jar = new JarFile(file.toFile(), false)) {
      if (jar.stream().noneMatch(UnsignedJars::isSignature)) {
        return;
      }
      try (OutputStream out = Files.newOutputStream(unsigned);
          JarOutputStream to = new JarOutputStream(out, manifest(jar))) {
        copy(jar, to);
      }
    }
    Files.setLastModifiedTime(unsigned, time);
    Files.move(unsigned, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static boolean isSignature(JarEntry entry) {
    return SIGNATURE.matcher(entry.getName()).matches();
  }

  /// Without the digests of single entries.
  private static Manifest manifest(JarFile jar) throws IOException {
    Manifest manifest = jar.getManifest();
    manifest.getEntries().clear();
    return manifest;
  }

  private static void copy(JarFile jar, JarOutputStream to) throws IOException {
    Enumeration<JarEntry> entries = jar.entries();
    while (entries.hasMoreElements()) {
      JarEntry entry = entries.nextElement();
      if (isSignature(entry) || entry.getName().equals(JarFile.MANIFEST_NAME)) {
        continue;
      }
      JarEntry copy = new JarEntry(entry.getName());
      copy.setTime(entry.getTime());
      to.putNextEntry(copy);
      jar.getInputStream(entry).transferTo(to);
      to.closeEntry();
    }
  }
}
