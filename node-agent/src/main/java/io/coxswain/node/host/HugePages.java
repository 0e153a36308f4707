package io.coxswain.node.host;

import io.coxswain.client.codec.Quantities;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// The memory that the kernel keeps as huge pages (hugetlbpage in its documentation).
public final class HugePages {

  public static final Path SYSTEM = Path.of("/sys/kernel/mm/hugepages");

  private HugePages() {}

  /// Bytes of each size that the kernel knows, by the resource's name, as `hugepages-2Mi`.
  public static Map<String, Long> read(Path folder) throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "hugepages-*kB")) {
      for (Path one : all) {
        String name = String.valueOf(one.getFileName());
        long bytes = Long.parseLong(name.replaceAll("[^0-9]", "")) * 1024;
        long pages = Long.parseLong(Files.readString(one.resolve("nr_hugepages")).strip());
        sizes.put("hugepages-" + Quantities.ofBytes(bytes).getString(), bytes * pages);
      }
    } catch (NoSuchFileException e) {
      return Map.of();
    }
    return sizes;
  }
}
