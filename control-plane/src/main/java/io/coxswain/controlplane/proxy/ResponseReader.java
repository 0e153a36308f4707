package io.coxswain.controlplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads one answer of HTTP/1.1 from a blocking stream: Netty's decoder, without its event loop.
final class ResponseReader implements AutoCloseable {

  private static final int PIECE = 16 << 10;
  private static final int MOST_LINE = 16 << 10;
  private static final int MOST_HEADERS = 256 << 10;
  private static final int MOST_INTERIM = 16;

  private final InputStream in;
  private final EmbeddedChannel decoder;
  private boolean ended;
  private boolean goesOn;

  ResponseReader(InputStream in, String method) {
    this.in = in;
    this.decoder = new EmbeddedChannel(new Decoder(method.equals("HEAD")));
  }

  /// The request is not known to the decoder: what follows from it is said here.
  private static final class Decoder extends HttpResponseDecoder {

    private final boolean head;

    Decoder(boolean head) {
      super(
          new HttpDecoderConfig()
              .setMaxInitialLineLength(MOST_LINE)
              .setMaxHeaderSize(MOST_HEADERS)
              .setMaxChunkSize(PIECE));
      this.head = head;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      boolean upgraded = message instanceof HttpResponse answer && answer.status().code() == 101;
      return head || upgraded || super.isContentAlwaysEmpty(message);
    }
  }

  /// The head that counts: those of 100 and 103 only announce it.
  HttpResponse head() throws IOException {
    for (int i = 0; i < MOST_INTERIM; i++) {
      Object message = await();
      if (!(message instanceof HttpResponse response)) {
        ReferenceCountUtil.release(message);
        throw new IOException("the server's answer is not HTTP");
      }
      int status = response.status().code();
      if (status >= 200 || status == 101) {
        goesOn = status != 101 && HttpUtil.isKeepAlive(response);
        return response;
      }
      ReferenceCountUtil.release(await());
    }
    throw new IOException("the server goes on announcing its answer");
  }

  /// The next piece of the body, to be released; nothing at its end.
  Optional<ByteBuf> next() throws IOException {
    while (!ended) {
      Object message = await();
      if (!(message instanceof HttpContent content)) {
        ReferenceCountUtil.release(message);
        throw new IOException("the server's answer is not HTTP");
      }
      ended = content instanceof LastHttpContent;
      if (content.content().isReadable()) {
        return Optional.of(content.content());
      }
      content.release();
    }
    return Optional.empty();
  }

  /// Whether the answer has ended, and the connection has not.
  boolean isReusable() {
    return ended && goesOn && decoder.inboundMessages().isEmpty();
  }

  byte[] early() {
    ByteArrayOutputStream early = new ByteArrayOutputStream();
    for (Object message = poll(); message != null; message = poll()) {
      if (message instanceof ByteBuf bytes) {
        early.writeBytes(ByteBufUtil.getBytes(bytes));
      }
      ReferenceCountUtil.release(message);
    }
    return early.toByteArray();
  }

  private @Nullable Object poll() {
    return decoder.readInbound();
  }

  private Object await() throws IOException {
    Object message = poll();
    while (message == null) {
      byte[] piece = new byte[PIECE];
      int count = in.read(piece);
      if (count >= 0) {
        decoder.writeInbound(Unpooled.wrappedBuffer(piece, 0, count));
      } else {
        decoder.finish();
      }
      message = poll();
      if (message == null && count < 0) {
        throw new IOException("the server ended its answer early");
      }
    }
    if (message instanceof HttpObject part && part.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      throw new IOException(
          "the server's answer is not valid HTTP: " + part.decoderResult().cause().getMessage());
    }
    return message;
  }

  @Override
  public void close() {
    decoder.finishAndReleaseAll();
  }
}
