package io.coxswain.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFileTest {

  private static final LogFile.Limits UNLIMITED = new LogFile.Limits(0, Duration.ZERO, 0);

  @TempDir Path folder;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-29T03:04:05.006Z"));

  private static List<byte[]> events(String... texts) {
    return Stream.of(texts).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private List<String> files() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private LogFile open(LogFile.Limits limits) throws Exception {
    return new LogFile(folder.resolve("audit.log"), limits, now::get);
  }

  @Test
  void eventsAreAppendedForTheOwnersEyesAlone() throws Exception {
    try (LogFile log = open(UNLIMITED)) {
      log.write(events("{\"a\":1}", "{\"b\":2}"));
    }
    try (LogFile log = open(UNLIMITED)) {
      log.write(events("{\"c\":3}"));
    }
    Path file = folder.resolve("audit.log");
    assertThat(file).hasContent("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aFileThatIsFullIsPutAsideUnderItsTime() throws Exception {
    try (LogFile log = open(new LogFile.Limits(10, Duration.ZERO, 0))) {
      log.write(events("aaaa", "bbbb"));
      log.write(events("cccc"));
      now.set(Instant.parse("2026-11-29T03:04:06Z"));
      log.write(events("dddd", "larger than the limit"));
    }
    assertThat(files())
        .containsExactly(
            "audit-2026-11-29T03-04-05.006.log", "audit-2026-11-29T03-04-06.000.log", "audit.log");
    assertThat(folder.resolve("audit-2026-11-29T03-04-05.006.log")).hasContent("aaaa\nbbbb\n");
    assertThat(folder.resolve("audit-2026-11-29T03-04-06.000.log")).hasContent("cccc\ndddd\n");
    assertThat(folder.resolve("audit.log")).hasContent("larger than the limit\n");
  }

  @Test
  void filesOfTheSameMomentGetNamesOfTheirOwn() throws Exception {
    try (LogFile log = open(new LogFile.Limits(4, Duration.ZERO, 0))) {
      log.write(events("aaaa", "bbbb", "cccc"));
    }
    assertThat(files())
        .containsExactly(
            "audit-2026-11-29T03-04-05.006.log", "audit-2026-11-29T03-04-05.007.log", "audit.log");
  }

  @Test
  void oldFilesGoByNumberAndAgeAndNobodyElsesDo() throws Exception {
    Files.writeString(folder.resolve("audit-2020-01-01T00-00-00.000.log"), "old");
    Files.writeString(folder.resolve("audit-notes.log"), "mine");
    Files.writeString(folder.resolve("audit-2020-01-01T00-00-00.000.txt"), "mine");
    try (LogFile log = open(new LogFile.Limits(4, Duration.ofDays(30), 2))) {
      for (String text : List.of("aaaa", "bbbb", "cccc", "dddd")) {
        now.updateAndGet(time -> time.plusSeconds(1));
        log.write(events(text));
      }
    }
    assertThat(files())
        .containsExactly(
            "audit-2020-01-01T00-00-00.000.txt",
            "audit-2026-11-29T03-04-08.006.log",
            "audit-2026-11-29T03-04-09.006.log",
            "audit-notes.log",
            "audit.log");
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws Exception {
    Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> new LogFile(folder.resolve("file/audit.log"), UNLIMITED, now::get))
        .hasMessageStartingWith("The audit log " + folder.resolve("file/audit.log"))
        .hasMessageContaining("cannot be written");
  }
}
