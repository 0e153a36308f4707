package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.WebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What `tar` in a container writes. When the connection breaks off it may be begun anew where it
/// broke, as often as was said.
final class RemoteArchive extends InputStream {

  private final Session session;
  private final JsonNode pod;
  private final String container;
  private final String path;
  private final long mostRetries;

  private @Nullable WebSocket socket;
  private byte[] arrived = new byte[0];
  private int next;
  private long bytesRead;
  private long retries;
  private boolean ended;

  /// @param mostRetries 0 for none, less for any number
  RemoteArchive(Session session, JsonNode pod, String container, String path, long mostRetries) {
    this.session = session;
    this.pod = pod;
    this.container = container;
    this.path = path;
    this.mostRetries = mostRetries;
  }

  private List<String> command() {
    if (mostRetries == 0) {
      return List.of("tar", "cf", "-", path);
    }
    String quoted = "'" + path.replace("'", "'\\''") + "'";
    return List.of("sh", "-c", "tar cf - " + quoted + " | tail -c+" + (bytesRead + 1));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (next == arrived.length && !ended) {
      try {
        receive();
      } catch (IOException e) {
        again(e);
      }
    }
    if (next == arrived.length) {
      return -1;
    }
    int count = Math.min(length, arrived.length - next);
    System.arraycopy(arrived, next, bytes, offset, count);
    next += count;
    bytesRead += count;
    return count;
  }

  private void again(IOException e) throws IOException {
    close();
    if (mostRetries >= 0 && retries >= mostRetries) {
      if (retries > 0) {
        session.out().println("Dropping out copy after " + retries + " retries");
      }
      throw e;
    }
    retries++;
    session
        .out()
        .println("Resuming copy at " + bytesRead + " bytes, retry " + retries + "/" + mostRetries);
    session.out().flush();
  }

  private void receive() throws IOException {
    WebSocket open = socket;
    if (open == null) {
      open =
          ContainerStreams.open(
              session, new ContainerStreams.Asked("exec", pod, container, command(), false, false));
      socket = open;
    }
    WebSocket.Message message = ContainerStreams.next(open);
    byte[] data = message.data();
    switch (message.channel()) {
      case WebSocket.STDOUT -> {
        arrived = data;
        next = 0;
      }
      case WebSocket.STDERR -> {
        session.err().write(data, 0, data.length);
        session.err().flush();
      }
      case WebSocket.ERROR -> {
        if (data.length > 0) {
          ended = true;
          ContainerStreams.ended(ContainerStreams.end(Json.parse(data)));
        }
      }
      default -> {
        // a channel that a later protocol adds
      }
    }
  }

  /// Reads what is left, so that the program's end is known.
  void drain() throws IOException {
    byte[] buffer = new byte[8192];
    while (read(buffer, 0, buffer.length) >= 0) {
      // blocks of zeros after the archive's end
    }
  }

  @Override
  public void close() {
    WebSocket open = socket;
    socket = null;
    if (open != null) {
      open.close();
    }
  }
}
