package io.coxswain.controlplane.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Changes the bytes of a body, whatever they mean.
final class ByteDamage {

  private static final List<byte[]> WHOLE =
      List.of(
          utf8(""),
          utf8("null"),
          utf8("[]"),
          utf8("{}"),
          utf8("\"text\""),
          utf8("{\"a\":".repeat(5000)),
          utf8("[".repeat(100_000)),
          utf8("{\"metadata\":{\"name\":\"a\",\"name\":\"b\"}}"),
          utf8("1" + "0".repeat(100_000)),
          utf8("a: &a [x,x,x,x,x,x,x,x]\n" + bomb()),
          utf8("&a [*a]"),
          utf8("--- a\n--- b\n"),
          utf8("!!javax.script.ScriptEngineManager [x]"),
          utf8("? {a: b}\n: c\n"),
          utf8("<<: {a: b}\n"),
          utf8("a:\t- b"),
          "{\"kind\":\"ConfigMap\"}".getBytes(StandardCharsets.UTF_16),
          new byte[] {'k', '8', 's', 0},
          new byte[] {'k', '8', 's', 0, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f},
          new byte[1 << 20]);

  private static String bomb() {
    StringBuilder bomb = new StringBuilder();
    for (char c = 'b'; c < 'm'; c++) {
      String before = "*" + (char) (c - 1);
      bomb.append(c).append(": &").append(c).append(" [");
      bomb.append(String.join(",", java.util.Collections.nCopies(9, before))).append("]\n");
    }
    return bomb.toString();
  }

  private ByteDamage() {}

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] damage(byte[] body, Chance chance) {
    if (body.length == 0 || chance.percent(10)) {
      return chance.of(WHOLE);
    }
    byte[] bytes = body.clone();
    int times = 1 + chance.below(4);
    for (int i = 0; i < times && bytes.length > 0; i++) {
      int at = chance.below(bytes.length);
      bytes =
          switch (chance.below(5)) {
            case 0 -> {
              bytes[at] ^= (byte) (1 << chance.below(8));
              yield bytes;
            }
            case 1 -> Arrays.copyOf(bytes, at);
            case 2 -> inserted(bytes, at, chance.bytes(1 + chance.below(8)));
            case 3 -> {
              int end = Math.min(bytes.length, at + 1 + chance.below(40));
              yield inserted(bytes, at, Arrays.copyOfRange(bytes, at, end));
            }
            default -> {
              bytes[at] = (byte) chance.below(256);
              yield bytes;
            }
          };
    }
    return bytes;
  }

  private static byte[] inserted(byte[] bytes, int at, byte[] more) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + more.length);
    out.write(bytes, 0, at);
    out.writeBytes(more);
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }
}
