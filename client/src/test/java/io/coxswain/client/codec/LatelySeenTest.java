package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class LatelySeenTest {

  private final LatelySeen<Integer> seen = new LatelySeen<>(4);

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  @Test
  void findsWhatWasKeptByEqualBytes() {
    assertThat(seen.find(bytes("a"))).isEmpty();
    seen.keep(bytes("a"), 1);
    assertThat(seen.find(bytes("a")))
        .hasValueSatisfying(one -> {
          assertThat(one.value()).isEqualTo(1);
          assertThat(one.bytes()).isEqualTo(bytes("a"));
        });
    assertThat(seen.find(bytes("b"))).isEmpty();
  }

  @Test
  void bigOnesAreNotKept() {
    seen.keep(bytes("abcde"), 1);
    assertThat(seen.find(bytes("abcde"))).isEmpty();
  }

  @Test
  void whoFallsInTheSamePlaceTakesItOver() {
    // more than there are places
    for (int i = 0; i < 1_000; i++) {
      seen.keep(bytes("k" + i), i);
      assertThat(seen.find(bytes("k" + i)).orElseThrow().value()).isEqualTo(i);
    }
    assertThat(
            java.util.stream.IntStream.range(0, 1_000)
                .filter(i -> seen.find(bytes("k" + i)).isPresent()))
        .hasSizeBetween(1, 256);
  }
}
