package io.coxswain.controlplane.stream;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.server.PodConnections;
import io.coxswain.controlplane.websocket.MessageSocket;
import io.coxswain.controlplane.websocket.WebSocketUpgrade;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// Where a log goes: the body of an answer, or for who asks so the messages of a WebSocket.
interface LogAnswer extends AutoCloseable {

  /// Sends the next piece at once. Blocks while the reader is behind.
  void send(byte[] piece) throws IOException;

  /// The log is over.
  void end() throws IOException;

  /// Lets go of what [#end] has not ended; a body that is not whole is cut off by who called.
  @Override
  void close();

  /// Begins the answer.
  ///
  /// @throws ApiException with BadRequest when a WebSocket is asked for in no way known here
  static LogAnswer open(Exchange exchange, PodConnections.Answer reply)
      throws IOException, InterruptedException {
    if (!WebSocketUpgrade.isAsked(exchange) || !exchange.isUpgradable()) {
      reply.open("text/plain");
      return new Body(exchange);
    }
    List<String> offered = WebSocketUpgrade.offered(exchange);
    String protocol =
        offered.isEmpty()
            ? ""
            : WebSocketUpgrade.protocol(exchange, List.of(Messages.BINARY, Messages.BASE64))
                .orElseThrow(() ->
                    new ApiException(
                        new ApiError.BadRequest(
                            "requested protocol(s) are not supported: "
                                + offered
                                + "; supports "
                                + List.of(Messages.BINARY, Messages.BASE64))));
    Messages messages =
        new Messages(
            MessageSocket.accept(exchange, protocol, Map.of()), protocol.equals(Messages.BASE64));
    messages.send(new byte[0]); // tells the client that it is connected, as Kubernetes does
    return messages;
  }

  /// @param exchange is open
  record Body(Exchange exchange) implements LogAnswer {
    @Override
    public void send(byte[] piece) throws IOException {
      exchange.write(piece);
    }

    @Override
    public void end() throws IOException {
      exchange.finish();
    }

    @Override
    public void close() {}
  }

  /// @param base64 for clients that can only read text
  record Messages(MessageSocket socket, boolean base64) implements LogAnswer {

    static final String BINARY = "binary.k8s.io";
    static final String BASE64 = "base64.binary.k8s.io";

    @Override
    public void send(byte[] piece) throws IOException {
      if (base64) {
        socket.text(Base64.getEncoder().encodeToString(piece).getBytes(StandardCharsets.US_ASCII));
      } else {
        socket.binary(piece);
      }
      socket.flush();
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
