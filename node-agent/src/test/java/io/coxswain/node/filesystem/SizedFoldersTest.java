package io.coxswain.node.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coxswain.node.host.HostProcesses;
import io.coxswain.node.host.Processes.Command;
import io.coxswain.node.host.Processes.Outcome;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On real file systems, each in a file: those that the kernel and the machine's programs know.
/// Needs root.
final class SizedFoldersTest {

  private static final long MIB = 1 << 20;

  @TempDir Path temporary;

  private static Outcome run(String... command) throws IOException {
    try {
      return new HostProcesses().run(Command.of(command));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static boolean succeeds(String... command) throws IOException {
    return run(command).exit() == 0;
  }

  /// What holds wherever a folder is held to its size.
  abstract class Bounded {

    Path disk;

    /// Makes the file system.
    abstract List<String> mkfs();

    /// Mounts it.
    abstract boolean mount(Path image) throws IOException;

    @BeforeEach
    void open() throws IOException {
      assumeTrue(
          succeeds("sh", "-c", "PATH=$PATH:/sbin:/usr/sbin command -v " + mkfs().getFirst()),
          "not installed: " + mkfs().getFirst());
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
      Path image = temporary.resolve("image");
      assertThat(run("truncate", "-s", "400M", image.toString()).exit()).isZero();
      Outcome made =
          run("sh", "-c", "PATH=$PATH:/sbin:/usr/sbin " + String.join(" ", mkfs()) + " " + image);
      assertThat(made.exit()).as(made.err()).isZero();
      disk = Files.createDirectory(temporary.resolve("disk"));
      assumeTrue(mount(image), "this kernel has no such quotas");
    }

    @AfterEach
    void close() throws IOException {
      if (disk != null) {
        Outcome _ = run("umount", disk.toString());
      }
    }

    /// As a program without rights of its own, which is told whether all is on the disk.
    private boolean writes(Path folder, String name, int mebibytes) throws IOException {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
      return succeeds(
          "setpriv",
          "--reuid=65534",
          "--regid=65534",
          "--clear-groups",
          "dd",
          "if=/dev/zero",
          "of=" + folder.resolve(name),
          "bs=1M",
          "count=" + mebibytes,
          "conv=fsync",
          "status=none");
    }

    @Test
    void noMoreThanItsSizeGoesIn() throws IOException {
      Path folder = disk.resolve("small");
      Path beside = disk.resolve("beside");

      assertThat(SizedFolders.make(folder, 16 * MIB)).isTrue();
      assertThat(SizedFolders.make(beside, 64 * MIB)).isTrue();

      assertThat(writes(folder, "fits", 8)).isTrue();
      assertThat(writes(folder, "too-much", 12)).isFalse();
      assertThat(DiskMeter.use(folder).bytes()).isLessThanOrEqualTo(16 * MIB);
      assertThat(writes(beside, "fits", 32)).isTrue();
    }

    @Test
    void foldersInItAndFilesThatGoCount() throws IOException {
      Path folder = disk.resolve("small");
      assertThat(SizedFolders.make(folder, 16 * MIB)).isTrue();
      Path inner = Files.createDirectories(folder.resolve("a/b"));

      assertThat(writes(inner, "too-much", 24)).isFalse();
      Files.delete(inner.resolve("too-much"));
      assertThat(succeeds("sync", "-f", disk.toString())).isTrue();
      assertThat(writes(inner, "fits", 8)).isTrue();
    }

    @Test
    void itGrowsWithWhatIsInIt() throws IOException {
      Path folder = disk.resolve("small");
      assertThat(SizedFolders.make(folder, 16 * MIB)).isTrue();
      assertThat(writes(folder, "one", 8)).isTrue();
      assertThat(writes(folder, "two", 24)).isFalse();

      assertThat(SizedFolders.resize(folder, 64 * MIB)).isTrue();
      assertThat(writes(folder, "two", 24)).isTrue();
      assertThat(folder.resolve("one")).hasSize(8 * MIB);
    }

    @Test
    void itMayBeRenamed() throws IOException {
      Path folder = disk.resolve("small");
      assertThat(SizedFolders.make(disk.resolve(".new"), 16 * MIB)).isTrue();
      Files.move(disk.resolve(".new"), folder);

      assertThat(writes(folder, "too-much", 24)).isFalse();
      assertThat(SizedFolders.resize(folder, 64 * MIB)).isTrue();
      assertThat(writes(folder, "fits", 24)).isTrue();
    }

    @Test
    void nothingIsLeftOfOneThatIsDeleted() throws IOException {
      Path folder = disk.resolve("small");
      assertThat(SizedFolders.make(folder, 16 * MIB)).isTrue();
      String known = bounds(folder);
      Files.createDirectories(folder.resolve("a/b/c"));
      assertThat(writes(folder, "fits", 8)).isTrue();

      SizedFolders.delete(folder);
      SizedFolders.delete(folder);
      assertThat(folder).doesNotExist();
      settle();

      assertThat(SizedFolders.make(folder, 16 * MIB)).isTrue();
      assertThat(bounds(folder)).isEqualTo(known);
      assertThat(writes(folder, "fits", 8)).isTrue();
    }

    /// Waits until the file system has done what it does behind one's back.
    void settle() throws IOException {
      assertThat(succeeds("sync", "-f", disk.toString())).isTrue();
    }

    /// What is the same again once nothing is left of a former folder of the same name.
    abstract String bounds(Path folder) throws IOException;

    @Test
    void onesThatWereMadeOtherwiseStayAsTheyAre() throws IOException {
      Path plain = Files.createDirectory(disk.resolve("plain"));

      assertThat(SizedFolders.resize(plain, MIB)).isFalse();
      assertThat(writes(plain, "fits", 8)).isTrue();
      assertThatThrownBy(() -> SizedFolders.make(plain, MIB)).isInstanceOf(IOException.class);
      assertThat(plain.resolve("fits")).exists();
      SizedFolders.delete(plain);
      assertThat(plain).doesNotExist();
    }
  }

  @Nested
  final class Btrfs extends Bounded {

    @Override
    List<String> mkfs() {
      return List.of("mkfs.btrfs", "--quiet");
    }

    @Override
    boolean mount(Path image) throws IOException {
      // what is deleted goes with the next commit
      return succeeds("mount", "-o", "loop,commit=1", image.toString(), disk.toString())
          && succeeds("btrfs", "quota", "enable", disk.toString());
    }

    @Override
    void settle() throws IOException {
      assertThat(succeeds("btrfs", "subvolume", "sync", disk.toString())).isTrue();
    }

    @Override
    String bounds(Path folder) throws IOException {
      return run("btrfs", "subvolume", "list", disk.toString()).out().lines().count() + " lines";
    }

    @Test
    void whereQuotasAreOffItIsAFolderLikeAnyOther() throws IOException {
      assertThat(succeeds("btrfs", "quota", "disable", disk.toString())).isTrue();
      Path folder = disk.resolve("folder");

      assertThat(SizedFolders.make(folder, MIB)).isFalse();
      assertThat(run("btrfs", "subvolume", "list", disk.toString()).out()).isEmpty();
      assertThat(folder).isEmptyDirectory();
      SizedFolders.delete(folder);
      assertThat(folder).doesNotExist();
    }
  }

  /// Quotas of projects.
  abstract class Projects extends Bounded {

    @Override
    String bounds(Path folder) throws IOException {
      return String.valueOf(ProjectQuotas.projectOf(folder));
    }

    @Override
    boolean mount(Path image) throws IOException {
      return succeeds("mount", "-o", "loop,prjquota", image.toString(), disk.toString());
    }

    @Test
    void aFoldersFreeSpaceIsWhatIsLeftOfItsSize() throws IOException {
      Path folder = disk.resolve("small");
      assertThat(SizedFolders.make(folder, 16 * MIB)).isTrue();

      assertThat(Files.getFileStore(folder).getTotalSpace()).isEqualTo(16 * MIB);
    }
  }

  @Nested
  final class Ext4 extends Projects {

    @Override
    List<String> mkfs() {
      return List.of("mkfs.ext4", "-q", "-O", "quota,project", "-E", "quotatype=prjquota");
    }

    @Test
    void withoutTheMountOptionItIsAFolderLikeAnyOther() throws IOException {
      Path image = temporary.resolve("image");
      assertThat(succeeds("umount", disk.toString())).isTrue();
      assertThat(succeeds("mount", "-o", "loop", image.toString(), disk.toString())).isTrue();

      assertThat(SizedFolders.make(disk.resolve("folder"), MIB)).isFalse();
      assertThat(ProjectQuotas.projectOf(disk.resolve("folder"))).isZero();
    }
  }

  @Nested
  final class Xfs extends Projects {

    @Override
    List<String> mkfs() {
      return List.of("mkfs.xfs", "-q");
    }
  }

  @Test
  void whereThereAreNoQuotasItIsAFolderLikeAnyOther() throws IOException {
    Path folder = temporary.resolve("folder");

    assertThat(SizedFolders.make(folder, 1)).isFalse();
    Files.writeString(Files.createDirectories(folder.resolve("a/b")).resolve("c"), "more than one");
    assertThat(SizedFolders.resize(folder, 1)).isFalse();
    assertThatThrownBy(() -> SizedFolders.make(folder, 1))
        .isInstanceOf(FileAlreadyExistsException.class);
    SizedFolders.delete(folder);
    assertThat(folder).doesNotExist();
    SizedFolders.delete(folder);
  }
}
