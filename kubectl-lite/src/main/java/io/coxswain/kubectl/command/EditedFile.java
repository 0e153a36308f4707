package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// A file of this person's alone that an editor changes. It is removed in the end, unless it is
/// kept.
final class EditedFile implements AutoCloseable {

  private final Path file;
  private final String editor;
  private boolean kept;

  private EditedFile(Path file, String editor) {
    this.file = file;
    this.editor = editor;
  }

  /// @param environment names the editor, in KUBE_EDITOR or EDITOR
  static EditedFile make(Map<String, String> environment, boolean json) throws IOException {
    String editor =
        environment.getOrDefault("KUBE_EDITOR", environment.getOrDefault("EDITOR", "vi"));
    return new EditedFile(
        Files.createTempFile("kubectl-lite-edit-", json ? ".json" : ".yaml"), editor);
  }

  /// Shows the text in the editor. Blocks until that ends.
  ///
  /// @return what the file holds then
  String edit(String text) throws IOException {
    Files.writeString(file, text);
    Process process =
        new ProcessBuilder("sh", "-c", editor + " \"$1\"", "sh", file.toString())
            .inheritIO()
            .start();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new Failure(
            "error: there was a problem with the editor \""
                + editor
                + "\": it ended with "
                + code
                + ". Name another one in EDITOR.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("error: interrupted");
    }
    return Files.readString(file);
  }

  Path keep() {
    kept = true;
    return file;
  }

  @Override
  public void close() throws IOException {
    if (!kept) {
      Files.deleteIfExists(file);
    }
  }
}
