package io.coxswain.controlplane.hostile;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import javax.net.ssl.SSLSocket;

/// One TLS connection on which bytes go out as they are: a client library would not send most of
/// them. Blocks; an answer that does not come within half a minute is an error.
final class RawConnection implements Wire {

  static final int PATIENCE_MILLIS = 60_000;

  private final SSLSocket socket;
  private final InputStream in;

  RawConnection(SSLSocket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream(), 32 << 10);
  }

  @Override
  public Answer exchange(HostileRequest request) throws IOException {
    send(request.bytes());
    return answer(request::endsWithHead);
  }

  @Override
  public boolean again(HostileRequest request, Answer answer) {
    return !request.stream() && !answer.closes();
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /// The next answer.
  ///
  /// @param head whether only the head is wanted
  /// @throws EOFException when the server closed instead
  Answer answer(boolean head) throws IOException {
    return answer(_ -> head);
  }

  /// @param headOnly whether only the head is wanted of an answer with this status
  private Answer answer(IntPredicate headOnly) throws IOException {
    while (true) {
      String status = line();
      if (!status.startsWith("HTTP/1.1 ")) {
        throw new IOException("no status line: " + HostileRequest.shortened(status, 200));
      }
      int code = Integer.parseInt(status.substring(9, 12));
      Map<String, String> headers = headers();
      if (code == 100) {
        continue;
      }
      if (headOnly.test(code) || code == 101 || code == 204) {
        return new Answer(code, headers, new byte[0]);
      }
      return new Answer(code, headers, body(headers));
    }
  }

  private Map<String, String> headers() throws IOException {
    Map<String, String> headers = new HashMap<>();
    while (true) {
      String line = line();
      if (line.isEmpty()) {
        return headers;
      }
      int colon = line.indexOf(':');
      if (colon < 0) {
        throw new IOException("no header: " + line);
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      while (true) {
        int size = Integer.parseInt(line(), 16);
        body.writeBytes(exactly(size));
        line();
        if (size == 0) {
          return body.toByteArray();
        }
      }
    }
    return exactly(Integer.parseInt(headers.getOrDefault("content-length", "0")));
  }

  private byte[] exactly(int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("the answer is cut off");
    }
    return bytes;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("closed by the server");
      }
      if (b == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(b);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
