package io.coxswain.node.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NetlinkSocketTest {

  record Case(String what, ByteBuffer datagram, List<Integer> types) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Case> datagrams() {
    byte[] one = new NetlinkMessage("one", 21, 0).u8(7).encode(3);
    byte[] two = new NetlinkMessage("two", 22, 0).u32(8).encode(4);
    byte[] both = joined(one, two);
    int second = both.length - two.length;
    return Stream.of(
        new Case("nothing", datagram(one, 0), List.of()),
        new Case("one message", datagram(one, one.length), List.of(21)),
        new Case("two, the first padded", datagram(both, both.length), List.of(21, 22)),
        new Case("a header cut off", datagram(both, second + 15), List.of(21)),
        new Case("a body cut off", datagram(both, both.length - 1), List.of(21)),
        new Case(
            "a length beyond the end",
            datagram(both, both.length).putInt(second, two.length + 4),
            List.of(21)),
        new Case("a length below a header's", datagram(one, one.length).putInt(0, 15), List.of()));
  }

  private static ByteBuffer datagram(byte[] bytes, int length) {
    return ByteBuffer.wrap(Arrays.copyOf(bytes, length)).order(ByteOrder.nativeOrder());
  }

  /// As netlink(7) has them: each begins at a multiple of four bytes.
  private static byte[] joined(byte[] first, byte[] second) {
    int start = (first.length + 3) & ~3;
    byte[] both = Arrays.copyOf(first, start + second.length);
    System.arraycopy(second, 0, both, start, second.length);
    return both;
  }

  @ParameterizedTest
  @MethodSource("datagrams")
  void aDatagramIsSplitUpToWhatIsCutOff(Case each) {
    var messages = NetlinkSocket.split(each.datagram());
    assertThat(messages).extracting(one -> one.reply().type()).isEqualTo(each.types());
    if (each.types().contains(21)) {
      assertThat(messages.getFirst().sequence()).isEqualTo(3);
      assertThat(messages.getFirst().reply().u8(0)).isEqualTo(7);
    }
    if (each.types().contains(22)) {
      assertThat(messages.getLast().sequence()).isEqualTo(4);
      assertThat(messages.getLast().reply().u32(0)).isEqualTo(8);
    }
  }
}
