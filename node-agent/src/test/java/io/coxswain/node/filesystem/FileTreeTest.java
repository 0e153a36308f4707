package io.coxswain.node.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {

  @TempDir Path folder;

  /// A program makes one in the other, each from where it is, and no path leads there any more.
  @Test
  void foldersNestedDeeperThanAnyPathGo() throws Exception {
    Path root = Files.createDirectory(folder.resolve("root"));
    Path outside = Files.writeString(folder.resolve("outside"), "kept");
    Files.createSymbolicLink(root.resolve("link"), outside);
    int at = LinuxFiles.openDirectory(root.toString());
    for (int level = 0; level < 6000; level++) {
      String name = level % 100 == 0 ? "x".repeat(200) : "d";
      LinuxFiles.makeDirectory(at, name, 0755);
      LinuxFiles.makeSymbolicLink("../..", at, "up");
      int next = LinuxFiles.open(at, name, LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY, 0, 0);
      LinuxFiles.close(at);
      at = next;
    }
    LinuxFiles.close(at);
    FileTree.delete(root);
    assertThat(root).doesNotExist();
    assertThat(outside).hasContent("kept");
  }

  @Test
  void aLinkIsDeletedAndNotWhatItLeadsTo() throws Exception {
    Path kept = Files.createDirectory(folder.resolve("kept"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), kept);
    FileTree.delete(link);
    assertThat(link).doesNotExist();
    assertThat(kept).isDirectory();
  }
}
