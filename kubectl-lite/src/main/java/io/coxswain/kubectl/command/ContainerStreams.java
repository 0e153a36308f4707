package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.WebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// The streams of `exec` and `attach`: a program's input, output, errors and end.
final class ContainerStreams {

  /// @param subresource exec or attach
  /// @param command empty for attach
  record Asked(
      String subresource,
      JsonNode pod,
      String container,
      List<String> command,
      boolean stdin,
      boolean tty) {}

  private ContainerStreams() {}

  /// Joins the program to this terminal or these pipes until it ends.
  ///
  /// @return 0
  /// @throws Failure with the program's exit code, when that is another one
  static int run(Session session, Asked asked) {
    try (Terminal terminal = asked.tty() ? Terminal.raw() : Terminal.none();
        WebSocket socket = WebSocket.open(session.api(), path(session, asked))) {
      if (asked.stdin()) {
        Thread.ofVirtual().start(() -> send(socket, session.world().in()));
      }
      if (asked.tty()) {
        terminal.follow(size -> socket.write(WebSocket.RESIZE, size));
      }
      OptionalInt code = receive(session, socket, session.out());
      if (code.isEmpty() || code.getAsInt() == 0) {
        return 0;
      }
      throw new Failure("command terminated with exit code " + code.getAsInt(), code.getAsInt());
    } catch (IOException e) {
      throw new Failure("error: the connection to the container broke off: " + e.getMessage());
    }
  }

  /// Runs a program whose output goes elsewhere, and whose input comes from there.
  ///
  /// @throws Failure when it does not end with 0
  static void pipe(Session session, Asked asked, InputStream in, OutputStream out) {
    try (WebSocket socket = WebSocket.open(session.api(), path(session, asked))) {
      if (asked.stdin()) {
        Thread.ofVirtual().start(() -> send(socket, in));
      }
      OptionalInt code = receive(session, socket, out);
      if (code.isPresent() && code.getAsInt() != 0) {
        throw new Failure(
            "error: "
                + asked.command().getFirst()
                + " in the container ended with exit code "
                + code.getAsInt(),
            code.getAsInt());
      }
    } catch (IOException e) {
      throw new Failure("error: the connection to the container broke off: " + e.getMessage());
    }
  }

  private static String path(Session session, Asked asked) {
    List<String> query = new ArrayList<>();
    for (String argument : asked.command()) {
      query.add("command=" + URLEncoder.encode(argument, StandardCharsets.UTF_8));
    }
    query.add("container=" + asked.container());
    query.add("stdin=" + asked.stdin());
    query.add("stdout=true");
    query.add("stderr=" + !asked.tty());
    query.add("tty=" + asked.tty());
    return session
            .discovery()
            .kind("v1", "Pod")
            .path(Json.namespace(asked.pod()), Json.name(asked.pod()))
        + "/"
        + asked.subresource()
        + "?"
        + String.join("&", query);
  }

  private static void send(WebSocket socket, InputStream in) {
    byte[] buffer = new byte[16 * 1024];
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        socket.write(WebSocket.STDIN, buffer, count);
      }
      socket.write(WebSocket.CLOSE, new byte[] {WebSocket.STDIN}, 1);
    } catch (IOException e) {
      // the program ended first: its exit code says all there is
    }
  }

  /// @return the exit code; nothing when the stream ended well without one
  private static OptionalInt receive(Session session, WebSocket socket, OutputStream out)
      throws IOException {
    while (true) {
      Optional<WebSocket.Message> message = socket.read();
      if (message.isEmpty()) {
        throw new IOException("the server closed it before the program's end was known");
      }
      byte[] data = message.get().data();
      switch (message.get().channel()) {
        case WebSocket.STDOUT -> {
          out.write(data, 0, data.length);
          out.flush();
        }
        case WebSocket.STDERR -> {
          session.out().flush();
          session.err().write(data, 0, data.length);
          session.err().flush();
        }
        case WebSocket.ERROR -> {
          out.flush();
          if (data.length > 0) {
            return end(Json.parse(data));
          }
        }
        default -> {
          // a channel that a later protocol adds
        }
      }
    }
  }

  /// The `Status` that ends the stream carries the exit code as a cause.
  private static OptionalInt end(JsonNode status) {
    if (Json.text(status, "status").equals("Success")) {
      return OptionalInt.empty();
    }
    for (JsonNode cause : Json.at(status, "details", "causes")) {
      if (Json.text(cause, "reason").equals("ExitCode")) {
        return OptionalInt.of(Integer.parseInt(Json.text(cause, "message")));
      }
    }
    throw new Failure("error: " + Json.text(status, "message"));
  }
}
