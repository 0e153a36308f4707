package io.coxswain.controlplane.stream;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// How numbered channels share a WebSocket: each message begins with its channel. The newest first;
/// of what a client offers, the newest is spoken.
enum ChannelProtocol {

  /// A client may close single channels.
  V5("v5.channel.k8s.io", Form.BINARY, Ending.STATUS),
  V4("v4.channel.k8s.io", Form.BINARY, Ending.STATUS),
  V4_BASE64("v4.base64.channel.k8s.io", Form.BASE64, Ending.STATUS),
  V1("channel.k8s.io", Form.BINARY, Ending.TEXT),
  V1_BASE64("base64.channel.k8s.io", Form.BASE64, Ending.TEXT),

  /// Of clients that name no protocol.
  UNNAMED("", Form.BINARY, Ending.TEXT);

  /// What a message is made of.
  private enum Form {
    /// A byte for the channel, and the data.
    BINARY,
    /// A digit for the channel, and the data in base64: for what can only send text.
    BASE64
  }

  /// What comes last, on the channel for errors.
  private enum Ending {
    /// A Status, always.
    STATUS,
    /// Its message, and only where there is one.
    TEXT
  }

  private final String word;
  private final Form form;
  private final Ending ending;

  ChannelProtocol(String word, Form form, Ending ending) {
    this.word = word;
    this.form = form;
    this.ending = ending;
  }

  /// As the headers have it.
  String word() {
    return word;
  }

  static String words() {
    return Arrays.stream(values())
        .map(ChannelProtocol::word)
        .filter(each -> !each.isEmpty())
        .collect(Collectors.joining(", "));
  }

  /// The newest of those that a client offers.
  static Optional<ChannelProtocol> of(List<String> offered) {
    if (offered.isEmpty()) {
      return Optional.of(UNNAMED);
    }
    return Arrays.stream(values()).filter(each -> offered.contains(each.word)).findFirst();
  }

  /// A message as a frame; nothing where this protocol has none for it.
  Optional<WebSocketFrame> encode(int channel, byte[] data) {
    byte[] content = data;
    if (channel == PersonStream.ERROR && ending == Ending.TEXT && data.length > 0) {
      String failure = Failures.text(data);
      if (failure.isEmpty()) {
        return Optional.empty();
      }
      content = failure.getBytes(StandardCharsets.UTF_8);
    }
    return Optional.of(
        switch (form) {
          case BINARY ->
              new BinaryWebSocketFrame(
                  Unpooled.wrappedBuffer(new byte[] {(byte) channel}, content));
          case BASE64 ->
              new TextWebSocketFrame(channel + Base64.getEncoder().encodeToString(content));
        });
  }

  /// What a client says; nothing when it is not in this protocol.
  ///
  /// @param content not empty
  Optional<PersonStream.Message> decode(byte[] content) {
    return switch (form) {
      case BINARY ->
          Optional.of(
              new PersonStream.Message(
                  content[0] & 0xff, ByteString.copyFrom(content, 1, content.length - 1)));
      case BASE64 -> {
        try {
          byte[] data = Base64.getDecoder().decode(Arrays.copyOfRange(content, 1, content.length));
          yield content[0] < '0' || content[0] > '9'
              ? Optional.empty()
              : Optional.of(new PersonStream.Message(content[0] - '0', ByteString.copyFrom(data)));
        } catch (IllegalArgumentException e) {
          yield Optional.empty();
        }
      }
    };
  }
}
