package io.coxswain.kubectl.resource;

import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What a server said, kept in a file for ten minutes so that the next command need not ask.
public final class KeptAnswer {

  private static final Duration FRESH = Duration.ofMinutes(10);

  private final Path file;
  private final Clock clock;

  private KeptAnswer(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  /// @param server its address
  /// @param what it was asked, for the file's name; empty for its kinds
  public static KeptAnswer in(Path folder, String server, String what, Clock clock) {
    return new KeptAnswer(
        folder.resolve(plain(server) + (what.isEmpty() ? "" : "." + plain(what)) + ".json"), clock);
  }

  private static String plain(String text) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = Character.isLetterOrDigit(c) && c < 128;
      name.append(plain || c == '.' || c == '-' ? c : '_');
    }
    return name.toString();
  }

  /// Nothing when there is none, or it is too old, or damaged.
  public Optional<JsonNode> read() {
    try {
      if (!Files.exists(file)
          || Files.getLastModifiedTime(file).toInstant().plus(FRESH).isBefore(clock.instant())) {
        return Optional.empty();
      }
      return Optional.of(Json.parse(Files.readAllBytes(file)));
    } catch (IOException | RuntimeException e) {
      return Optional.empty(); // a damaged file is only a lost copy
    }
  }

  /// Replaces the file whole, so that a command beside this one reads the old or the new.
  public void write(JsonNode answer) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path fresh = Files.createTempFile(folder, "answer", ".new");
      Files.write(fresh, Json.bytes(answer));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      // a home that cannot be written only makes the next call slower
    }
  }
}
