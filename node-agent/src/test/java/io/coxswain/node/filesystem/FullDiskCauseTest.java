package io.coxswain.node.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FullDiskCauseTest {

  record Case(IOException trouble, boolean full) {}

  static Stream<Case> cases() {
    return Stream.of(
        new Case(new IOException("No space left on device"), true),
        new Case(new FileSystemException("/a/b", null, "No space left on device"), true),
        new Case(new IOException("layer", new ErrnoException("write", "/a", 28)), true),
        new Case(new IOException("Disk quota exceeded"), true),
        new Case(new ErrnoException("open", "/a", 2), false),
        new Case(new IOException("Connection reset"), false),
        new Case(new IOException(), false));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void onlyAFullDiskIsOne(Case one) {
    assertThat(FullDisk.isCauseOf(one.trouble())).isEqualTo(one.full());
  }
}
