package io.coxswain.controlplane.websocket;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.edge.Exchange;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The opening handshake of RFC 6455, by hand: it happens on a request that has already been
/// authorized.
public final class WebSocketUpgrade {

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketUpgrade() {}

  /// Whether the client wants a WebSocket on this request.
  public static boolean isAsked(Exchange exchange) {
    return exchange.header("upgrade").equalsIgnoreCase("websocket");
  }

  /// The first of our protocols that the client offers, in our order.
  public static Optional<String> protocol(Exchange exchange, List<String> ours) {
    List<String> offered = offered(exchange);
    return ours.stream().filter(offered::contains).findFirst();
  }

  /// The protocols that the client offers, in its order.
  public static List<String> offered(Exchange exchange) {
    return exchange.headers().getAll("sec-websocket-protocol").stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .toList();
  }

  /// The headers of the answer.
  ///
  /// @param protocol empty when the client offers none
  /// @throws ApiException with BadRequest when the request is no proper handshake
  public static Map<String, String> answer(Exchange exchange, String protocol) {
    String key = exchange.header("sec-websocket-key");
    if (!exchange.isUpgradable()
        || key.isEmpty()
        || !exchange.header("sec-websocket-version").equals("13")) {
      throw new ApiException(
          new ApiError.BadRequest("a WebSocket of version 13 over HTTP/1.1 is expected"));
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("upgrade", "websocket");
    headers.put("sec-websocket-accept", accept(key));
    if (!protocol.isEmpty()) {
      headers.put("sec-websocket-protocol", protocol);
    }
    return headers;
  }

  /// Reads and writes frames where HTTP was.
  ///
  /// @param largest of a client's frames, in bytes
  public static ChannelPipeline addFrames(ChannelPipeline pipeline, int largest) {
    return pipeline
        .addLast(
            new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder().maxFramePayloadLength(largest).build()))
        .addLast(new WebSocket13FrameEncoder(false));
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-1", e);
    }
  }
}
