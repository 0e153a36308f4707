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
      ended(receive(session, socket, session.out()));
      return 0;
    } catch (IOException e) {
      throw brokeOff(e);
    }
  }

  /// Writes a program's input.
  @FunctionalInterface
  interface Feed {
    void to(OutputStream input) throws IOException;
  }

  /// Runs a program whose input is made here while it reads.
  ///
  /// @throws Failure when it does not end with 0
  static void feed(Session session, Asked asked, Feed feed) {
    IOException[] here = new IOException[1];
    try (WebSocket socket = WebSocket.open(session.api(), path(session, asked))) {
      Input input = new Input(socket);
      Thread.ofVirtual()
          .start(() -> {
            try {
              feed.to(input);
              socket.write(WebSocket.CLOSE, new byte[] {WebSocket.STDIN}, 1);
            } catch (IOException e) {
              if (!input.gone) {
                here[0] = e;
                abort(socket);
              }
            }
          });
      ended(receive(session, socket, session.out()));
    } catch (IOException e) {
      throw here[0] == null ? brokeOff(e) : new Failure("error: " + here[0].getMessage());
    }
    if (here[0] != null) {
      throw new Failure("error: " + here[0].getMessage());
    }
  }

  /// Runs a program that says nothing.
  ///
  /// @return its exit code
  static int code(Session session, Asked asked) {
    try (WebSocket socket = WebSocket.open(session.api(), path(session, asked))) {
      while (true) {
        WebSocket.Message message = next(socket);
        if (message.channel() == WebSocket.ERROR && message.data().length > 0) {
          return end(Json.parse(message.data())).orElse(0);
        }
      }
    } catch (IOException e) {
      throw brokeOff(e);
    }
  }

  static WebSocket open(Session session, Asked asked) throws IOException {
    return WebSocket.open(session.api(), path(session, asked));
  }

  /// Wakes who reads.
  private static void abort(WebSocket socket) {
    socket.close();
  }

  private static Failure brokeOff(IOException e) {
    return new Failure("error: the connection to the container broke off: " + e.getMessage());
  }

  /// @throws Failure for another end than a good one
  static void ended(OptionalInt code) {
    if (code.isPresent() && code.getAsInt() != 0) {
      throw new Failure("command terminated with exit code " + code.getAsInt(), code.getAsInt());
    }
  }

  static WebSocket.Message next(WebSocket socket) throws IOException {
    return socket
        .read()
        .orElseThrow(
            () -> new IOException("the server closed it before the program's end was known"));
  }

  private static final class Input extends OutputStream {
    private final WebSocket socket;

    /// The program took no more: how it ended says why.
    private volatile boolean gone;

    Input(WebSocket socket) {
      this.socket = socket;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        byte[] part =
            offset == 0 ? bytes : java.util.Arrays.copyOfRange(bytes, offset, offset + length);
        socket.write(WebSocket.STDIN, part, length);
      } catch (IOException e) {
        gone = true;
        throw e;
      }
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
      WebSocket.Message message = next(socket);
      byte[] data = message.data();
      switch (message.channel()) {
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
  static OptionalInt end(JsonNode status) {
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
