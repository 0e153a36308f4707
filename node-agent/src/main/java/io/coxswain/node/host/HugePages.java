package io.coxswain.node.host;

import io.coxswain.client.codec.Quantities;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The memory that the kernel keeps as huge pages (hugetlbpage in its documentation).
public final class HugePages {

  public static final Path SYSTEM = Path.of("/sys/kernel/mm/hugepages");

  /// What the names of such resources begin with.
  public static final String RESOURCE = "hugepages-";

  private static final List<String> UNITS = List.of("B", "KB", "MB", "GB", "TB");

  private HugePages() {}

  /// Bytes of a page of the resource, as of `hugepages-2Mi`.
  ///
  /// @throws IllegalArgumentException when it names no size
  public static long bytesOf(String resource) {
    return Quantities.whole(Quantities.of(resource.substring(RESOURCE.length())));
  }

  /// The same as the kernel's control groups name it, as `2MB` (cgroup-v1/hugetlb).
  public static String sizeOf(String resource) {
    long size = bytesOf(resource);
    int unit = 0;
    while (size >= 1024 && size % 1024 == 0 && unit < UNITS.size() - 1) {
      size /= 1024;
      unit++;
    }
    return size + UNITS.get(unit);
  }

  /// Bytes of each size that the kernel knows, by the resource's name, as `hugepages-2Mi`.
  public static Map<String, Long> read(Path folder) throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "hugepages-*kB")) {
      for (Path one : all) {
        String name = String.valueOf(one.getFileName());
        long bytes = Long.parseLong(name.replaceAll("[^0-9]", "")) * 1024;
        long pages = Long.parseLong(Files.readString(one.resolve("nr_hugepages")).strip());
        sizes.put(RESOURCE + Quantities.ofBytes(bytes).getString(), bytes * pages);
      }
    } catch (NoSuchFileException e) {
      return Map.of();
    }
    return sizes;
  }
}
