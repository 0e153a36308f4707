package io.coxswain.node.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FilePagesTest {

  record Case(String what, String head, int resident, int anonymous, boolean found) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Case> cases() {
    String file = "08:01 1234    /opt/coxswain/lib/coxswain.aot";
    return Stream.of(
        new Case("read-only", "80264a000-8055ac000 r--p 0264a000 " + file, 400, 0, true),
        new Case("code", "7f00264a000-7f0055ac000 r-xp 00000000 " + file, 400, 0, true),
        new Case("nothing in memory", "80264a000-8055ac000 r--p 00000000 " + file, 0, 0, false),
        new Case("written before", "80264a000-8055ac000 r--p 00000000 " + file, 400, 4, false),
        new Case("can be written", "80264a000-8055ac000 rw-p 00000000 " + file, 400, 0, false),
        new Case("shared", "80264a000-8055ac000 r--s 00000000 " + file, 400, 0, false),
        new Case("no file", "80264a000-8055ac000 r--p 00000000 00:00 0", 400, 0, false),
        new Case("the kernel's", "7ffc000-7ffd000 r-xp 00000000 00:00 0  [vdso]", 4, 0, false));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void pagesThatNobodyHasWrittenAreFound(Case each) {
    List<FilePages.Mapping> found =
        FilePages.unchanged(
            List.of(
                each.head(),
                "Size:              48520 kB",
                "Rss:                 %d kB".formatted(each.resident()),
                "Pss:                   0 kB",
                "Anonymous:           %4d kB".formatted(each.anonymous()),
                "VmFlags: rd mr mw me sd"));
    if (!each.found()) {
      assertThat(found).isEmpty();
      return;
    }
    assertThat(found)
        .singleElement()
        .satisfies(mapping -> {
          assertThat(mapping.file()).isEqualTo("/opt/coxswain/lib/coxswain.aot");
          assertThat(mapping.bytes()).isEqualTo(400 << 10);
          assertThat(mapping.end()).isGreaterThan(mapping.begin());
        });
  }

  /// Of this process: of the virtual machine's own code much has been used, and less is needed.
  @Test
  void pagesAreLetGoAndComeBack() throws IOException {
    FilePages pages = FilePages.find();
    long before = resident("libjvm.so");
    pages.release();
    long after = resident("libjvm.so");
    assertThat(after).isPositive().isLessThan(before);
    pages.release();
    assertThat(resident("libjvm.so")).isPositive().isLessThan(before);
  }

  @Test
  void aPageComesBackWithFewOfItsNeighbours() throws IOException {
    FilePages.find().release();
    FilePages.find().release(); // another time changes nothing
    assertThat(FilePages.unchanged(Files.readAllLines(Path.of("/proc/self/smaps"))))
        .filteredOn(mapping -> mapping.file().endsWith("/libjvm.so"))
        .isNotEmpty()
        .allSatisfy(
            mapping -> assertThat(mapping.end() - mapping.begin()).isLessThanOrEqualTo(16 << 10));
  }

  private static long resident(String file) throws IOException {
    return FilePages.unchanged(Files.readAllLines(Path.of("/proc/self/smaps"))).stream()
        .filter(mapping -> mapping.file().endsWith("/" + file))
        .mapToLong(FilePages.Mapping::bytes)
        .sum();
  }
}
