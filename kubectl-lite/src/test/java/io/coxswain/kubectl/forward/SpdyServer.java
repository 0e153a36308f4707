package io.coxswain.kubectl.forward;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// An API server that knows only the old way to forward ports: a pod whose port 80 sends back what
/// it gets, and whose other ports are closed.
final class SpdyServer implements AutoCloseable {

  private static final String POD =
      "{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"p\", \"namespace\": \"default\"},"
          + " \"spec\": {\"containers\": [{\"name\": \"c\"}]}, \"status\": {\"phase\": \"Running\"}}";

  private final ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  private final String discovery;
  final List<String> asked = new CopyOnWriteArrayList<>();
  final List<Socket> open = new CopyOnWriteArrayList<>();

  SpdyServer(String discovery) throws IOException {
    this.discovery = discovery;
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      while (true) {
        String head = head(in);
        String line = head.substring(0, head.indexOf(" HTTP"));
        asked.add(line);
        if (head.contains("Upgrade: SPDY/3.1")) {
          out.writeBytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\n\r\n");
          new Frames(in, out).serve();
          return;
        }
        boolean upgrade = line.endsWith("/portforward");
        String body =
            upgrade
                ? "{\"message\": \"no WebSockets here\"}"
                : line.equals("GET /api")
                    ? discovery
                    : line.endsWith("/pods/p")
                        ? POD
                        : "{\"kind\": \"APIGroupList\", \"groups\": []}";
        out.writeBytes(
            "HTTP/1.1 "
                + (upgrade ? "400 Bad Request" : "200 OK")
                + "\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);
      }
    } catch (IOException | DataFormatException e) {
      // the client went away
    }
  }

  private static String head(DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  private static final class Frames {
    private final DataInputStream in;
    private final DataOutputStream out;
    private final Inflater inflater = new Inflater();
    private final Map<Integer, Map<String, String>> streams = new HashMap<>();

    Frames(DataInputStream in, DataOutputStream out) {
      this.in = in;
      this.out = out;
    }

    void serve() throws IOException, DataFormatException {
      while (true) {
        int first = in.readInt();
        int second = in.readInt();
        byte[] body = in.readNBytes(second & 0xff_ffff);
        boolean last = (second >>> 24) != 0;
        if (first > 0) {
          data(first, body, last);
        } else if ((first & 0xffff) == 1) {
          int id = ByteBuffer.wrap(body).getInt();
          streams.put(id, headers(body));
          out.writeInt(0x8003_0002); // SYN_REPLY without headers
          out.writeInt(4);
          out.writeInt(id);
          refuse(id);
        }
      }
    }

    private void refuse(int id) throws IOException {
      Map<String, String> stream = streams.getOrDefault(id, Map.of());
      if (!"80".equals(stream.get("port")) && "data".equals(stream.get("streamtype"))) {
        for (Map.Entry<Integer, Map<String, String>> other : streams.entrySet()) {
          boolean error = "error".equals(other.getValue().get("streamtype"));
          if (error
              && String.valueOf(other.getValue().get("requestid"))
                  .equals(stream.get("requestid"))) {
            frame(other.getKey(), "nothing listens".getBytes(StandardCharsets.UTF_8), true);
          }
        }
        frame(id, new byte[0], true);
      }
    }

    private void data(int id, byte[] body, boolean last) throws IOException {
      Map<String, String> stream = streams.getOrDefault(id, Map.of());
      if ("data".equals(stream.get("streamtype")) && "80".equals(stream.get("port"))) {
        frame(id, body, last);
        if (last) {
          frame(id - 2, new byte[0], true);
        }
      }
    }

    private void frame(int id, byte[] body, boolean last) throws IOException {
      out.writeInt(id);
      out.writeInt((last ? 1 << 24 : 0) | body.length);
      out.write(body);
    }

    private Map<String, String> headers(byte[] frame) throws DataFormatException {
      inflater.setInput(frame, 10, frame.length - 10);
      byte[] plain = new byte[4096];
      ByteBuffer block = ByteBuffer.wrap(plain, 0, inflater.inflate(plain));
      Map<String, String> headers = new HashMap<>();
      for (int left = block.getInt(); left > 0; left--) {
        headers.put(text(block), text(block));
      }
      return headers;
    }

    private static String text(ByteBuffer block) {
      byte[] bytes = new byte[block.getInt()];
      block.get(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
