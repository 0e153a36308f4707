package io.coxswain.controlplane.server;

import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.server.Negotiation.Format;
import io.coxswain.controlplane.websocket.MessageSocket;
import io.coxswain.controlplane.websocket.WebSocketUpgrade;
import java.io.IOException;
import java.util.function.Supplier;

/// Where the frames of a watch go: the body of an answer, or for who asks so the messages of a
/// WebSocket, one an event.
interface FrameSink extends AutoCloseable {

  /// Blocks while the client is behind. Nothing is promised to leave before [#flush].
  ///
  /// @param frame in the form for bodies; is shared, and stays as it is
  void send(byte[] frame) throws IOException;

  void flush();

  /// Sends on the spot what the reader has room for. Does not block.
  ///
  /// @param expected about how many bytes the frame has
  /// @param frame is made when it leaves
  /// @return whether it was taken
  boolean offer(int expected, Supplier<byte[]> frame);

  /// The watch is over.
  void end() throws IOException;

  /// Lets go of what [#end] has not ended; a body that is not whole is cut off by who called.
  @Override
  void close();

  /// Begins the answer.
  static FrameSink open(Reply reply, Format format) throws IOException, InterruptedException {
    Exchange exchange = reply.exchange();
    if (WebSocketUpgrade.isAsked(exchange) && exchange.isUpgradable()) {
      return new Messages(reply.socket(), format == Format.PROTOBUF);
    }
    reply.open(
        format == Format.PROTOBUF ? format.mediaType() + ";stream=watch" : format.mediaType());
    return new Body(exchange);
  }

  /// @param exchange is open
  record Body(Exchange exchange) implements FrameSink {
    @Override
    public void send(byte[] frame) throws IOException {
      exchange.write(frame);
    }

    /// What is written to a body leaves by itself.
    @Override
    public void flush() {}

    @Override
    public boolean offer(int expected, Supplier<byte[]> frame) {
      return exchange.offer(expected, frame);
    }

    @Override
    public void end() throws IOException {
      exchange.finish();
    }

    @Override
    public void close() {}
  }

  /// @param protobuf whose frames begin with their length, which messages have by themselves
  record Messages(MessageSocket socket, boolean protobuf) implements FrameSink {

    private static final int LENGTH = 4;

    @Override
    public void send(byte[] frame) throws IOException {
      if (protobuf) {
        socket.binary(frame, LENGTH);
      } else {
        socket.text(frame);
      }
    }

    @Override
    public void flush() {
      socket.flush();
    }

    @Override
    public boolean offer(int expected, Supplier<byte[]> frame) {
      return false;
    }

    @Override
    public void end() {
      close();
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
