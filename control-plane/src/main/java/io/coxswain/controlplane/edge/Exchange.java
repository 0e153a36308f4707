package io.coxswain.controlplane.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One request and the way to answer it: at once with [#respond], piece by piece with [#open] and
/// [#write], or by becoming another protocol with [#upgrade]. Exactly one of the three, from one
/// thread; [#onEnd] may be used from anywhere.
public final class Exchange {

  private static final int PIECE = 128 << 10;

  private final ExchangeHandler connection;
  private final HttpRequest head;
  private final byte[] body;
  private final @Nullable InboundBytes stream;
  private final List<X509Certificate> peer;
  private final String path;
  private final String rawQuery;
  private final EdgeLimits limits;
  private final SendWindow window;

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> endings = new ArrayList<>();
  private boolean ended;

  private final AtomicBoolean answered = new AtomicBoolean();
  private volatile long deadline = Long.MAX_VALUE;
  private volatile Runnable instead = () -> {};
  private volatile Optional<Thread> late = Optional.empty();
  private volatile boolean overtime;
  private volatile int status;
  private volatile boolean upgraded;
  private volatile IntConsumer answering = _ -> {};

  Exchange(
      ExchangeHandler connection,
      HttpRequest head,
      byte[] body,
      @Nullable InboundBytes stream,
      List<X509Certificate> peer,
      EdgeLimits limits) {
    this.connection = connection;
    this.head = head;
    this.body = body;
    this.stream = stream;
    this.peer = peer;
    this.limits = limits;
    this.window = new SendWindow(limits.write());
    String uri = head.uri();
    int mark = uri.indexOf('?');
    this.path = mark < 0 ? uri : uri.substring(0, mark);
    this.rawQuery = mark < 0 ? "" : uri.substring(mark + 1);
  }

  public String method() {
    return head.method().name();
  }

  /// Path and query, as sent.
  public String uri() {
    return head.uri();
  }

  /// As sent: escapes are not decoded.
  public String path() {
    return path;
  }

  /// @throws IllegalArgumentException when an escape is malformed
  public Query query() {
    return Query.parse(rawQuery);
  }

  /// What follows the `?`, as sent.
  public String rawQuery() {
    return rawQuery;
  }

  public HttpHeaders headers() {
    return head.headers();
  }

  /// One header, or an empty string.
  public String header(CharSequence name) {
    String value = head.headers().get(name);
    return value == null ? "" : value;
  }

  /// The whole body; blocks for one that is still coming.
  ///
  /// @throws UncheckedIOException when it does not come, or is larger than requests may be
  public byte[] body() {
    if (stream == null) {
      return body;
    }
    try {
      byte[] whole = stream.readNBytes(limits.bodyBytes() + 1);
      if (whole.length > limits.bodyBytes()) {
        throw new IOException("the request is larger than " + limits.bodyBytes() + " bytes");
      }
      return whole;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Whether the request has a body.
  public boolean hasBody() {
    return stream != null || body.length > 0;
  }

  /// The body, which for a handler that [streams][Handler#streams] such requests may still be
  /// coming: reading blocks then, and the client is held up while nobody reads.
  public InputStream bodyStream() {
    return stream == null ? new ByteArrayInputStream(body) : stream;
  }

  /// What the client showed at the TLS handshake, its own certificate first; empty when it showed
  /// none. Nobody has checked who signed it.
  public List<X509Certificate> peerCertificates() {
    return peer;
  }

  /// Whether it came over the socket that only root and the server's own user can open.
  public boolean isLocal() {
    return connection.isLocal();
  }

  public SocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  /// The status of the answer, or 0 while there is none.
  public int status() {
    return status;
  }

  /// Is told the status of the answer just before it goes out. Must not block.
  public void onAnswer(IntConsumer action) {
    answering = action;
  }

  public boolean isAnswered() {
    return answered.get();
  }

  /// Has somebody else answer when nobody has begun to in time; whoever comes later finds the
  /// client gone. To the second.
  ///
  /// @param answer runs on a thread of its own
  public void answerWithin(Duration time, Runnable answer) {
    instead = answer;
    deadline = System.nanoTime() + time.toNanos();
  }

  /// Whether its time is over without an answer; once.
  boolean isOverdue(long nanoTime) {
    long end = deadline;
    if (end == Long.MAX_VALUE || nanoTime - end < 0 || answered.get()) {
      return false;
    }
    deadline = Long.MAX_VALUE;
    return true;
  }

  /// Answers in the place of who is late.
  void answerLate() {
    late = Optional.of(Thread.currentThread());
    instead.run();
  }

  boolean isUpgraded() {
    return upgraded;
  }

  /// Answers with a whole body. Blocks while the reader is too slow.
  ///
  /// @throws IOException when the client is gone or does not read
  public void respond(int status, Map<String, String> headers, byte[] content) throws IOException {
    claim(status);
    boolean withBody = !head.method().name().equals("HEAD");
    if (withBody && content.length > limits.writeBytes()) {
      respondInPieces(status, headers, content);
      return;
    }
    ByteBuf buffer = withBody ? Unpooled.wrappedBuffer(content) : Unpooled.EMPTY_BUFFER;
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), buffer);
    headers.forEach(response.headers()::set);
    HttpUtil.setContentLength(response, content.length);
    window.add(content.length + 1);
    connection.finish(response, this, () -> window.add(-content.length - 1));
    awaitRoom(0);
  }

  /// A large answer: what counts is that its reader goes on reading, not when it has read all.
  private void respondInPieces(int status, Map<String, String> headers, byte[] content)
      throws IOException {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    headers.forEach(response.headers()::set);
    HttpUtil.setContentLength(response, content.length);
    connection.begin(response, this);
    for (int at = 0; at < content.length; at += PIECE) {
      write(Unpooled.wrappedBuffer(content, at, Math.min(PIECE, content.length - at)));
    }
    finish();
  }

  /// Begins an answer whose length is not known.
  public void open(int status, Map<String, String> headers) throws IOException {
    claim(status);
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    headers.forEach(response.headers()::set);
    HttpUtil.setTransferEncodingChunked(response, true);
    connection.begin(response, this);
  }

  /// Begins an answer that has these headers and no others: as long as they say, or of unknown
  /// length where they do not.
  public void open(int status, HttpHeaders headers) throws IOException {
    claim(status);
    HttpResponse response =
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            DefaultHttpHeadersFactory.headersFactory().newHeaders().set(headers));
    boolean bodiless = method().equals("HEAD") || status == 204 || status == 304;
    if (!bodiless && !HttpUtil.isContentLengthSet(response)) {
      HttpUtil.setTransferEncodingChunked(response, true);
    }
    connection.begin(response, this);
  }

  /// Sends the next piece of an open answer, after what is already under way has gone down to the
  /// limit.
  ///
  /// @param data is released by this call
  /// @throws IOException when the client is gone or has made no room in time: it is cut off then
  public void write(ByteBuf data) throws IOException {
    int size = data.readableBytes();
    try {
      awaitRoom(limits.writeBytes());
    } catch (IOException e) {
      data.release();
      throw e;
    }
    window.add(size + 1);
    connection.write(data, this, () -> window.add(-size - 1));
  }

  public void write(byte[] data) throws IOException {
    write(Unpooled.wrappedBuffer(data));
  }

  /// Sends the next piece of an open answer if its reader keeps up. Never blocks.
  ///
  /// @param expected about how many bytes it will be
  /// @param piece is made on an event loop when its turn comes, and must not block
  /// @return whether it was taken; if not, too much is under way
  public boolean offer(int expected, Supplier<byte[]> piece) {
    if (window.underWay() > limits.writeBytes()) {
      return false;
    }
    PromisedPiece promised = new PromisedPiece(expected);
    connection.write(piece, this, promised::made, promised::left);
    return true;
  }

  /// What a piece takes of the window, which is a guess until it is made.
  private final class PromisedPiece {

    private int counted;

    PromisedPiece(int expected) {
      counted = expected + 1;
      window.add(counted);
    }

    void made(int size) {
      window.add(size + 1 - counted);
      counted = size + 1;
    }

    void left() {
      window.add(-counted);
    }
  }

  /// Ends an open answer.
  public void finish() throws IOException {
    window.add(1);
    connection.finish(LastHttpContent.EMPTY_LAST_CONTENT, this, () -> window.add(-1));
    awaitRoom(0);
  }

  /// Cuts the answer off: the client sees that it is not whole.
  public void abort() {
    if (overtime) {
      return; // the answer that was given instead is whole
    }
    connection.abort(this);
  }

  /// Answers 101 and hands the connection to other handlers; HTTP is over on it. Only on HTTP/1.1.
  ///
  /// @param pipeline adds handlers at the end; runs on the event loop
  public void upgrade(Map<String, String> headers, Consumer<ChannelPipeline> pipeline)
      throws IOException {
    HttpHeaders all = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    headers.forEach(all::set);
    upgrade(all, pipeline);
  }

  /// As the other, for an answer that has some of its headers several times.
  public void upgrade(HttpHeaders headers, Consumer<ChannelPipeline> pipeline) throws IOException {
    claim(101);
    upgraded = true;
    HttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response.headers().set(headers).set(HttpHeaderNames.CONNECTION, "Upgrade");
    connection.upgrade(response, this, pipeline);
  }

  /// Answers 101 and hands over the connection as plain bytes. Only on HTTP/1.1.
  public Tunnel tunnel(HttpHeaders headers) throws IOException {
    Tunnel tunnel = new Tunnel(connection.channel());
    upgrade(headers, pipeline -> pipeline.addLast(tunnel.handler()));
    onEnd(tunnel::close);
    return tunnel;
  }

  /// Whether the connection can become another protocol.
  public boolean isUpgradable() {
    return connection.isHttp1();
  }

  /// Runs once when the client has gone, the server is closing, or the answer is complete; at once
  /// when that has already happened. Must not block.
  public void onEnd(Runnable action) {
    lock.lock();
    try {
      if (!ended) {
        endings.add(action);
        return;
      }
    } finally {
      lock.unlock();
    }
    action.run();
  }

  /// Whether nobody waits for the answer any more.
  public boolean isEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  void end() {
    List<Runnable> actions;
    lock.lock();
    try {
      if (ended) {
        return;
      }
      ended = true;
      actions = List.copyOf(endings);
      endings.clear();
    } finally {
      lock.unlock();
    }
    // An answer that was not whole reaches nobody any more, nor is there more of the body to come.
    window.close();
    if (stream != null) {
      stream.fail("the client has gone");
    }
    actions.forEach(Runnable::run);
  }

  /// Tells a long answer that the server wants to close, without cutting the connection.
  void drain() {
    List<Runnable> actions;
    lock.lock();
    try {
      actions = List.copyOf(endings);
      endings.clear();
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
  }

  private void claim(int newStatus) throws IOException {
    if (isEnded()) {
      throw new IOException("the client has gone");
    }
    if (!answered.compareAndSet(false, true)) {
      if (late.isPresent()) {
        throw new IOException("somebody else has answered: the time was over");
      }
      throw new IllegalStateException("answered twice: " + method() + " " + path);
    }
    overtime = late.filter(Thread.currentThread()::equals).isPresent();
    status = newStatus;
    answering.accept(newStatus);
  }

  private void awaitRoom(long most) throws IOException {
    try {
      window.await(most);
    } catch (SendWindow.SlowReaderException e) {
      connection.abort(this);
      throw e;
    }
  }
}
