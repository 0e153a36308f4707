package io.coxswain.controlplane.hostile;

import io.coxswain.controlplane.hostile.Onslaught.Kind;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSocket;

/// What is no TLS, or stops being so.
final class TlsRubbish {

  private static final int CHANGE_CIPHER = 20;
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int APPLICATION_DATA = 23;

  static final List<Kind> KINDS =
      List.of(
          new Kind("bytes at random instead of TLS", TlsRubbish::random),
          new Kind("plain HTTP instead of TLS", TlsRubbish::plain),
          new Kind("records of TLS in no order", TlsRubbish::records),
          new Kind("a handshake that never ends", TlsRubbish::silence),
          new Kind("a hello in crumbs", TlsRubbish::crumbs),
          new Kind("a good handshake, then rubbish below it", TlsRubbish::below),
          new Kind("a stranger's good handshake, then silence", TlsRubbish::idle));

  private TlsRubbish() {}

  private static Socket connect(Target target) throws IOException {
    return new Socket(Target.loopback(), target.port());
  }

  private static void send(Target target, byte[] bytes) throws IOException {
    try (Socket socket = connect(target)) {
      socket.getOutputStream().write(bytes);
      Onslaught.drain(socket);
    }
  }

  private static void random(Target target, Chance chance, Lingering lingering) throws IOException {
    send(target, chance.bytes(1 + chance.below(20_000)));
  }

  private static void plain(Target target, Chance chance, Lingering lingering) throws IOException {
    String text =
        chance.of(
            List.of(
                "GET /api HTTP/1.1\r\nhost: x\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "SSH-2.0-x\r\n",
                "\r\n\r\n"));
    send(target, text.getBytes(StandardCharsets.UTF_8));
  }

  /// RFC 8446, 5.1.
  private static byte[] record(int type, int version, int length, byte[] fragment) {
    return ByteBuffer.allocate(5 + fragment.length)
        .put((byte) type)
        .putShort((short) version)
        .putShort((short) length)
        .put(fragment)
        .array();
  }

  private static void records(Target target, Chance chance, Lingering lingering)
      throws IOException {
    try (Socket socket = connect(target)) {
      int count = 1 + chance.below(200);
      for (int i = 0; i < count; i++) {
        byte[] fragment = chance.bytes(chance.below(300));
        if (fragment.length > 4 && chance.percent(60)) {
          fragment[0] = chance.of(List.of(1, 1, 1, 2, 11, 15, 16, 20, 24)).byteValue();
          fragment[1] = (byte) (chance.percent(20) ? 255 : 0);
        }
        int length = chance.percent(80) ? fragment.length : chance.below(65_536);
        int type =
            chance.of(
                List.of(CHANGE_CIPHER, ALERT, HANDSHAKE, HANDSHAKE, APPLICATION_DATA, 0, 255));
        int version = chance.of(List.of(0x0301, 0x0303, 0x0303, 0x0304, 0, 0xffff));
        socket.getOutputStream().write(record(type, version, length, fragment));
      }
      Onslaught.drain(socket);
    }
  }

  @SuppressWarnings("resource") // lingers
  private static void silence(Target target, Chance chance, Lingering lingering)
      throws IOException {
    Socket socket = connect(target);
    socket.getOutputStream().write(record(HANDSHAKE, 0x0301, 16_000, chance.bytes(20)));
    lingering.keep(socket, -1);
  }

  @SuppressWarnings("resource") // lingers
  private static void crumbs(Target target, Chance chance, Lingering lingering) throws IOException {
    Socket socket = connect(target);
    socket
        .getOutputStream()
        .write(record(HANDSHAKE, 0x0303, 500, new byte[] {1, 0, 1, (byte) 240}));
    lingering.keep(socket, 3);
  }

  /// The bytes go past the TLS of this side.
  private static void below(Target target, Chance chance, Lingering lingering) throws IOException {
    try (Socket plain = connect(target);
        SSLSocket tls = target.over(plain)) {
      tls.startHandshake();
      plain.getOutputStream().write(record(APPLICATION_DATA, 0x0303, 40, chance.bytes(40)));
      plain.getOutputStream().write(chance.bytes(1 + chance.below(3000)));
      Onslaught.drain(plain);
    }
  }

  @SuppressWarnings("resource") // lingers
  private static void idle(Target target, Chance chance, Lingering lingering) throws IOException {
    SSLSocket socket = target.connectAsStranger();
    socket.startHandshake();
    lingering.keep(socket, chance.percent(50) ? '\r' : -1);
  }
}
