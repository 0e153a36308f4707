package io.coxswain.kubectl.forward;

import io.coxswain.kubectl.http.Tunnel;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// The client's side of SPDY/3.1, as far as Kubernetes uses it: streams that the client opens. A
/// thread of its own reads; any thread writes. Headers in answers say nothing and are not unpacked.
final class SpdySession implements AutoCloseable {

  private static final Duration ACCEPTED_WITHIN = Duration.ofSeconds(30);
  private static final int CONTROL = 0x8003_0000;
  private static final int SYN_STREAM = 1;
  private static final int SYN_REPLY = 2;
  private static final int RST_STREAM = 3;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int FIN = 1;
  private static final int CANCEL = 5;
  private static final int MOST_BYTES = 16 << 20;

  private final Tunnel tunnel;
  private final OutputStream out;
  private final SpdyHeaders headers = new SpdyHeaders();
  private final Map<Integer, SpdyStream> streams = new ConcurrentHashMap<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private int nextId = 1;
  private volatile @Nullable String broken;

  private SpdySession(Tunnel tunnel) {
    this.tunnel = tunnel;
    this.out = tunnel.out();
  }

  static SpdySession on(Tunnel tunnel) {
    SpdySession session = new SpdySession(tunnel);
    Thread.ofVirtual().name("port-forward-reader").start(session::readAll);
    return session;
  }

  /// Opens a stream and waits until the server took it.
  SpdyStream open(Map<String, String> withHeaders) throws IOException {
    SpdyStream stream;
    synchronized (this) {
      if (broken != null) {
        throw new IOException(broken);
      }
      stream = new SpdyStream(this, nextId);
      nextId += 2;
      streams.put(stream.id(), stream);
      byte[] block = headers.pack(withHeaders);
      ByteBuffer frame = ByteBuffer.allocate(18 + block.length);
      frame.putInt(CONTROL | SYN_STREAM).putInt(10 + block.length);
      frame.putInt(stream.id()).putInt(0).putShort((short) 0).put(block);
      out.write(frame.array());
      out.flush();
    }
    stream.awaitAccepted(ACCEPTED_WITHIN);
    return stream;
  }

  synchronized void data(int id, byte[] bytes, int length, boolean last) throws IOException {
    if (!streams.containsKey(id)) {
      throw new IOException("the stream is closed");
    }
    out.write(ByteBuffer.allocate(8).putInt(id).putInt((last ? FIN << 24 : 0) | length).array());
    out.write(bytes, 0, length);
    out.flush();
  }

  void reset(int id) {
    if (streams.remove(id) != null) {
      try {
        control(RST_STREAM, ByteBuffer.allocate(8).putInt(id).putInt(CANCEL).array());
      } catch (IOException e) {
        // the connection is gone, and every stream with it
      }
    }
  }

  private synchronized void control(int type, byte[] body) throws IOException {
    out.write(ByteBuffer.allocate(8).putInt(CONTROL | type).putInt(body.length).array());
    out.write(body);
    out.flush();
  }

  /// Keeps what lies between from forgetting a silent connection.
  synchronized void ping() throws IOException {
    tunnel.ping();
  }

  /// Whether it is over within the time. Blocks.
  boolean awaitEnd(Duration patience) throws InterruptedException {
    return over.await(patience.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
  }

  private void readAll() {
    String why = "the server closed the connection";
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(tunnel.in(), 16384))) {
      while (read(in)) {
        // until it ends
      }
    } catch (EOFException e) {
      // between two frames or within one: it is over
    } catch (IOException e) {
      why = String.valueOf(e.getMessage());
    } finally {
      broken = why;
      for (SpdyStream stream : streams.values()) {
        stream.breakOff(why);
      }
      over.countDown();
    }
  }

  /// @return whether there may be more
  private boolean read(DataInputStream in) throws IOException {
    int first = in.readInt();
    int second = in.readInt();
    int length = second & 0xff_ffff;
    boolean last = (second >>> 24 & FIN) != 0;
    if (length > MOST_BYTES) {
      throw new IOException("the server sent a frame of " + length + " bytes");
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    if (first >= 0) {
      arrived(first, body, last);
      return true;
    }
    int type = first & 0xffff;
    switch (type) {
      case SYN_REPLY -> find(body).accept();
      case RST_STREAM -> {
        SpdyStream stream = find(body);
        streams.remove(stream.id());
        stream.breakOff("the server reset the stream");
      }
      case PING -> answer(body);
      default -> {
        // settings, windows and further headers say nothing that is needed here
      }
    }
    if (type == SYN_REPLY && last) {
      find(body).end();
    }
    return type != GOAWAY || !streams.isEmpty();
  }

  private void arrived(int id, byte[] body, boolean last) {
    SpdyStream stream = streams.get(id);
    if (stream != null) {
      stream.arrive(body);
      if (last) {
        stream.end();
      }
    }
  }

  /// The stream that a control frame is about; one that nobody has where it is gone.
  private SpdyStream find(byte[] body) throws IOException {
    if (body.length < 4) {
      throw new IOException("the server sent a frame that is too short");
    }
    int id = ByteBuffer.wrap(body).getInt() & Integer.MAX_VALUE;
    SpdyStream stream = streams.get(id);
    return stream == null ? new SpdyStream(this, id) : stream;
  }

  /// The server's own pings have even numbers.
  private void answer(byte[] body) throws IOException {
    if (body.length == 4 && (body[3] & 1) == 0) {
      control(PING, body);
    }
  }

  @Override
  public void close() {
    tunnel.close();
    synchronized (this) {
      headers.close();
    }
  }
}
