package io.coxswain.node.stream;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.image.ImageException;
import io.coxswain.node.image.Images;
import io.coxswain.node.image.PulledImage;
import io.coxswain.rpc.v1.Frame;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Images that people send to a node as archives.
final class ImageLoads {

  private final Images images;

  ImageLoads(Images images) {
    this.images = images;
  }

  /// Blocks until the images are here. Tells their names and ids.
  ///
  /// @throws StreamRefused when the archive is not taken
  void run(String name, Carrier carrier) throws IOException, InterruptedException, StreamRefused {
    List<PulledImage> loaded;
    try {
      loaded = images.load(new Sent(carrier), name);
    } catch (ImageException | IOException e) {
      throw StreamRefused.badRequest("the image archive is not taken: " + e.getMessage());
    }
    ObjectNode answer = JsonTrees.object();
    ArrayNode list = answer.putArray("images");
    loaded.forEach(image -> list.addObject().put("name", image.name()).put("id", image.id()));
    carrier.send(Carrier.STDOUT, "application/json".getBytes(StandardCharsets.UTF_8));
    carrier.send(Carrier.STDOUT, JsonTrees.bytes(answer));
  }

  /// What comes on channel 0, up to its close.
  private static final class Sent extends InputStream {

    private final Carrier carrier;
    private byte[] piece = new byte[0];
    private int at;
    private boolean closed;

    Sent(Carrier carrier) {
      this.carrier = carrier;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      while (at == piece.length) {
        if (closed) {
          return -1;
        }
        next();
      }
      int count = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, buffer, offset, count);
      at += count;
      return count;
    }

    private void next() throws IOException {
      Optional<Frame> frame;
      try {
        frame = carrier.receive();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("ended while an archive was read");
      }
      switch (frame.map(Frame::getChannel).orElse(Carrier.ERROR)) {
        case Carrier.STDIN -> {
          piece = frame.orElseThrow().getData().toByteArray();
          at = 0;
        }
        case Carrier.CLOSE -> closed = true;
        default -> throw new EOFException("whoever sent it went away before its end");
      }
    }
  }
}
