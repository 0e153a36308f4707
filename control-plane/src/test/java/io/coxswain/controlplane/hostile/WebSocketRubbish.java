package io.coxswain.controlplane.hostile;

import io.coxswain.controlplane.hostile.Onslaught.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSocket;

/// Upgrades to WebSocket and SPDY, good ones and others, and frames behind them that mean nothing.
final class WebSocketRubbish {

  private static final String SPACE = "/api/v1/namespaces/hostile-0/";

  static final List<Kind> KINDS =
      List.of(
          new Kind("rubbish behind an upgrade", WebSocketRubbish::upgraded),
          new Kind("an upgrade that is none", WebSocketRubbish::malformed),
          new Kind("a watch by WebSocket that nobody reads", WebSocketRubbish::unread));

  private WebSocketRubbish() {}

  private static byte[] head(String path, String upgrade, String more) {
    return """
    GET %s HTTP/1.1\r
    host: localhost\r
    connection: Upgrade\r
    upgrade: %s\r
    sec-websocket-version: 13\r
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r
    %s\r
    """
        .formatted(path, upgrade, more)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String path(Chance chance) {
    return chance.of(
        List.of(
            SPACE + "configmaps?watch=1&timeoutSeconds=3",
            "/api/v1/pods?watch=1&timeoutSeconds=3",
            SPACE + "pods/a/exec?command=x&stdin=1&stdout=1",
            SPACE + "pods/a/attach?stdin=1",
            SPACE + "pods/a/portforward?ports=80",
            SPACE + "pods/a/log?follow=1",
            SPACE + "pods/a/proxy/",
            "/version"));
  }

  private static String protocol(Chance chance) {
    return chance.of(
        List.of(
            "",
            "sec-websocket-protocol: v5.channel.k8s.io\r\n",
            "sec-websocket-protocol: SPDY/3.1+portforward.k8s.io\r\n",
            "sec-websocket-protocol: " + "x,".repeat(1000) + "\r\n",
            "sec-websocket-protocol: base64url.bearer.authorization.k8s.io.AAAA, x\r\n"));
  }

  private static void upgraded(Target target, Chance chance, Lingering lingering)
      throws IOException {
    String upgrade = chance.of(List.of("websocket", "websocket", "websocket", "SPDY/3.1", "h2c"));
    try (SSLSocket socket = target.connect()) {
      socket.getOutputStream().write(head(path(chance), upgrade, protocol(chance)));
      if (chance.percent(70)) {
        Onslaught.drain(socket);
      }
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      int count = 1 + chance.below(500);
      for (int i = 0; i < count; i++) {
        frames.writeBytes(frame(chance));
      }
      socket.getOutputStream().write(frames.toByteArray());
      Onslaught.drain(socket);
    }
  }

  /// RFC 6455, 5.2, with anything in its place.
  private static byte[] frame(Chance chance) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int opcode = chance.of(List.of(0, 1, 2, 8, 9, 10, 3, 15));
    out.write((chance.percent(80) ? 0x80 : 0) | (chance.percent(10) ? 0x70 : 0) | opcode);
    int masked = chance.percent(80) ? 0x80 : 0;
    byte[] payload = chance.bytes(chance.below(120));
    switch (chance.below(10)) {
      case 0 -> {
        out.write(masked | 126);
        out.writeBytes(chance.bytes(2));
      }
      case 1 -> {
        out.write(masked | 127);
        out.writeBytes(chance.bytes(8));
      }
      default -> out.write(masked | payload.length);
    }
    if (masked != 0) {
      out.writeBytes(new byte[4]);
    }
    out.writeBytes(payload);
    return out.toByteArray();
  }

  private static void malformed(Target target, Chance chance, Lingering lingering)
      throws IOException {
    String head = new String(head(path(chance), "websocket", ""), StandardCharsets.UTF_8);
    String changed =
        switch (chance.below(6)) {
          case 0 -> head.replace("version: 13", "version: 99999999999");
          case 1 -> head.replace("dGhlIHNhbXBsZSBub25jZQ==", chance.of(List.of("", "x", "===")));
          case 2 -> head.replace("GET", "POST");
          case 3 -> head.replace("connection: Upgrade", "connection: close, x");
          case 4 -> head.replace("HTTP/1.1", "HTTP/1.0");
          default -> head.replace("upgrade: websocket", "upgrade: websocket, h2c\r\nupgrade: x");
        };
    try (SSLSocket socket = target.connect()) {
      socket.getOutputStream().write(changed.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(frame(chance));
      Onslaught.drain(socket);
    }
  }

  @SuppressWarnings("resource") // lingers
  private static void unread(Target target, Chance chance, Lingering lingering) throws IOException {
    SSLSocket socket = target.connect();
    socket.setReceiveBufferSize(4096);
    String all = chance.of(List.of("configmaps", "pods", "secrets"));
    socket.getOutputStream().write(head("/api/v1/" + all + "?watch=1", "websocket", ""));
    lingering.keep(socket, -1);
  }
}
