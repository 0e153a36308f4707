package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.http.WebSocket;
import io.coxswain.kubectl.output.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `exec`: runs a program in a container, with its input, output and exit code as if it ran here.
final class Exec implements Command {

  @Override
  public String name() {
    return "exec";
  }

  @Override
  public String summary() {
    return "run a program in a container";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite exec web-1 -- date
    kubectl-lite exec -it web-1 -c main -- sh
    cat file | kubectl-lite exec -i deployment/web -- tee /tmp/file\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .toggle("stdin", 'i', "pass this program's input on")
        .toggle("tty", 't', "with a terminal")
        .value("container", 'c', "", "the container")
        .toggle("quiet", 'q', "only the program's output");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    List<String> words = options.words();
    List<String> command =
        options.hasDashes()
            ? options.afterDashes()
            : words.subList(Math.min(1, words.size()), words.size());
    if (words.isEmpty() || command.isEmpty() || (options.hasDashes() && words.size() != 1)) {
      throw new Failure("error: expected one POD, then -- and the command, as: exec web-1 -- date");
    }
    JsonNode pod = Pods.of(session, words.getFirst());
    String container = Pods.container(pod, options.text("container"));
    if (options.text("container").isEmpty()
        && Json.at(pod, "spec", "containers").size() > 1
        && !options.isSet("quiet")) {
      session.err().println("Defaulted container \"" + container + "\": choose with -c");
    }
    boolean stdin = options.isSet("stdin");
    boolean tty = options.isSet("tty");
    try (Terminal terminal = tty ? Terminal.raw() : Terminal.none();
        WebSocket socket =
            WebSocket.open(session.api(), path(session, pod, container, command, stdin, tty))) {
      if (stdin) {
        Thread.ofVirtual().start(() -> send(socket, session.world().in()));
      }
      if (tty) {
        socket.write(WebSocket.RESIZE, terminal.size());
      }
      return receive(session, socket);
    } catch (IOException e) {
      throw new Failure("error: the connection to the container broke off: " + e.getMessage());
    }
  }

  private static String path(
      Session session,
      JsonNode pod,
      String container,
      List<String> command,
      boolean stdin,
      boolean tty) {
    List<String> query = new ArrayList<>();
    for (String argument : command) {
      query.add("command=" + URLEncoder.encode(argument, StandardCharsets.UTF_8));
    }
    query.add("container=" + container);
    query.add("stdin=" + stdin);
    query.add("stdout=true");
    query.add("stderr=" + !tty);
    query.add("tty=" + tty);
    return session.discovery().kind("v1", "Pod").path(Json.namespace(pod), Json.name(pod))
        + "/exec?"
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

  private static int receive(Session session, WebSocket socket) throws IOException {
    while (true) {
      Optional<WebSocket.Message> message = socket.read();
      if (message.isEmpty()) {
        throw new IOException("the server closed it before the program's end was known");
      }
      byte[] data = message.get().data();
      switch (message.get().channel()) {
        case WebSocket.STDOUT -> {
          session.out().write(data, 0, data.length);
          session.out().flush();
        }
        case WebSocket.STDERR -> {
          session.out().flush();
          session.err().write(data, 0, data.length);
          session.err().flush();
        }
        case WebSocket.ERROR -> {
          session.out().flush();
          return end(Json.parse(data));
        }
        default -> {
          // a channel that a later protocol adds
        }
      }
    }
  }

  /// The `Status` that ends the stream carries the exit code as a cause.
  private static int end(JsonNode status) {
    if (Json.text(status, "status").equals("Success")) {
      return 0;
    }
    for (JsonNode cause : Json.at(status, "details", "causes")) {
      if (Json.text(cause, "reason").equals("ExitCode")) {
        int code = Integer.parseInt(Json.text(cause, "message"));
        throw new Failure("command terminated with exit code " + code, code);
      }
    }
    throw new Failure("error: " + Json.text(status, "message"));
  }
}
