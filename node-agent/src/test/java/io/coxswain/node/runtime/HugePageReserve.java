package io.coxswain.node.runtime;

import io.coxswain.node.host.HugePages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Pages of 2 MB that the machine keeps beside those it has, for as long as a test needs them.
final class HugePageReserve implements AutoCloseable {

  private static final Path COUNT =
      HugePages.SYSTEM.resolve("hugepages-2048kB").resolve("nr_hugepages");

  private final long before;
  private final long gained;

  HugePageReserve(int pages) throws IOException {
    if (!Files.isWritable(COUNT)) {
      before = 0;
      gained = 0;
      return;
    }
    before = count();
    Files.writeString(COUNT, Long.toString(before + pages));
    gained = count() - before;
  }

  /// How many the kernel found memory for.
  long pages() {
    return gained;
  }

  private static long count() throws IOException {
    return Long.parseLong(Files.readString(COUNT).strip());
  }

  @Override
  public void close() throws IOException {
    if (gained > 0) {
      Files.writeString(COUNT, Long.toString(count() - gained));
    }
  }
}
