package io.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnsignedJarsTest {

  @TempDir Path folder;

  private Path jar(String name, String... entries) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Multi-Release", "true");
    Attributes digest = new Attributes();
    digest.putValue("SHA-256-Digest", "AAAA");
    manifest.getEntries().put("a/A.class", digest);
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (String entry : entries) {
        jar.putNextEntry(new JarEntry(entry));
        jar.write(entry.getBytes(StandardCharsets.UTF_8));
        jar.closeEntry();
      }
    }
    return file;
  }

  @Test
  void onlyTheSignaturesGo() throws IOException {
    Path file =
        jar("signed.jar", "META-INF/K.SF", "META-INF/K.DSA", "a/A.class", "META-INF/services/s");
    UnsignedJars.main(new String[] {folder.toString()});
    try (JarFile jar = new JarFile(file.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName))
          .containsExactlyInAnyOrder(JarFile.MANIFEST_NAME, "a/A.class", "META-INF/services/s");
      assertThat(jar.getInputStream(jar.getEntry("a/A.class"))).hasContent("a/A.class");
      assertThat(jar.getManifest().getEntries()).isEmpty();
      assertThat(jar.getManifest().getMainAttributes().getValue("Multi-Release")).isEqualTo("true");
    }
  }

  @Test
  void otherJarsAreLeftAsTheyAre() throws IOException {
    Path file = jar("plain.jar", "a/A.class");
    byte[] before = Files.readAllBytes(file);
    UnsignedJars.main(new String[] {folder.toString()});
    assertThat(file).hasBinaryContent(before);
    assertThat(folder.toFile().list()).containsExactly("plain.jar");
  }
}
