package io.coxswain.controlplane.proxy;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.edge.Tunnel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands requests on to other servers, and their answers back: every method, bodies of any length,
/// streams without end, and connections that become another protocol. Redirects are never followed.
/// Safe for use by many threads.
public final class ReverseProxy {

  private static final Logger LOG = LoggerFactory.getLogger(ReverseProxy.class);

  /// Requests under way at once: each may hold about a megabyte for who is slow.
  private static final int MOST = 1_000;

  private static final int PIECE = 16 << 10;

  /// Which pages may read the answer is for this server to say, not for the one behind it.
  private static final List<String> CORS =
      List.of(
          "access-control-allow-credentials",
          "access-control-allow-headers",
          "access-control-allow-methods",
          "access-control-allow-origin");

  private final Semaphore places = new Semaphore(MOST);

  /// Blocks until the answer is whole, or the connection over.
  ///
  /// @throws ApiException with Unavailable when nobody answers, Timeout when the server is silent
  ///   for too long; nothing has been answered then
  /// @throws IOException when the answer broke off, or the client has gone
  public void pass(Exchange exchange, Upstream upstream, Passage passage) throws IOException {
    if (!places.tryAcquire()) {
      throw new ApiException(
          new ApiError.TooManyRequests(
              Duration.ofSeconds(1), "Too many requests are being handed on, try again later."));
    }
    try {
      tryEach(exchange, upstream, passage);
    } finally {
      places.release();
    }
  }

  private static void tryEach(Exchange exchange, Upstream upstream, Passage passage)
      throws IOException {
    IOException last = new ConnectException("no endpoints available for " + upstream.authority());
    for (Upstream.Way way : upstream.ways()) {
      if (mayGoAgain(exchange) && passedAgain(exchange, upstream, way, passage)) {
        return;
      }
      try (UpstreamConnection connection =
          UpstreamConnection.open(upstream, way, exchange.method(), passage.silence())) {
        new Carriage(exchange, connection, passage).run();
        return;
      } catch (IOException e) {
        if (exchange.isAnswered() || exchange.isEnded()) {
          throw e;
        }
        last = e;
        // A body that was begun is not there a second time.
        if (!(e instanceof ConnectException) || exchange.hasBody()) {
          break;
        }
      }
    }
    throw refusal(last);
  }

  /// Whether nothing happens by asking twice.
  private static boolean mayGoAgain(Exchange exchange) {
    return List.of("GET", "HEAD").contains(exchange.method())
        && !exchange.hasBody()
        && !HopHeaders.asksUpgrade(exchange.headers());
  }

  /// Over a connection that another request has left.
  ///
  /// @return false when there is none, or its server had closed it meanwhile
  private static boolean passedAgain(
      Exchange exchange, Upstream upstream, Upstream.Way way, Passage passage) throws IOException {
    Optional<UpstreamConnection> kept =
        UpstreamConnection.again(upstream, way, exchange.method(), passage.silence());
    if (kept.isEmpty()) {
      return false;
    }
    try (UpstreamConnection connection = kept.get()) {
      new Carriage(exchange, connection, passage).run();
      return true;
    } catch (SocketTimeoutException e) {
      throw refusal(e);
    } catch (IOException e) {
      if (exchange.isAnswered() || exchange.isEnded()) {
        throw e;
      }
      LOG.debug("{} is dialled anew: {}", upstream.authority(), e.getMessage());
      return false;
    }
  }

  private static ApiException refusal(IOException cause) {
    String why = "error trying to reach service: " + cause.getMessage();
    return new ApiException(
        cause instanceof SocketTimeoutException
            ? new ApiError.Timeout(why)
            : new ApiError.Unavailable(why),
        cause);
  }

  /// One request on its way.
  private record Carriage(Exchange exchange, UpstreamConnection connection, Passage passage) {

    void run() throws IOException {
      exchange.onEnd(connection::cut);
      boolean upgrade = HopHeaders.asksUpgrade(exchange.headers()) && exchange.isUpgradable();
      send(upgrade);
      HttpResponse answer = connection.receiveHead();
      int status = answer.status().code();
      if (status == 101 && upgrade) {
        tunnel(answer);
        return;
      }
      if (status == 101 || (upgrade && status < 400)) {
        throw new IOException("invalid upgrade response: status code " + status);
      }
      if (!passage.redirects() && status / 100 == 3 && answer.headers().contains("location")) {
        exchange.respond(
            502,
            Map.of("content-type", "text/plain; charset=utf-8"),
            "the backend attempted to redirect this request, which is not permitted"
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return;
      }
      answer(answer);
    }

    private void send(boolean upgrade) throws IOException {
      HttpHeaders headers = passage.headers();
      boolean chunked = false;
      if (upgrade) {
        headers.set("Connection", "Upgrade");
        headers.set("Upgrade", exchange.headers().getAll("upgrade"));
      } else if (!mayGoAgain(exchange) || !connection.mayBeKept()) {
        headers.set("Connection", "close");
      }
      if (exchange.hasBody()) {
        chunked = exchange.headers().contains("transfer-encoding");
        if (chunked) {
          headers.remove("content-length");
          headers.set("Transfer-Encoding", "chunked");
        }
      } else if (List.of("POST", "PUT", "PATCH").contains(exchange.method())) {
        headers.set("Content-Length", "0");
      }
      connection.send(exchange.method(), passage.target(), headers);
      if (exchange.hasBody()) {
        boolean framed = chunked;
        Thread.ofVirtual().name("proxy-body").start(() -> sendBody(framed));
      }
    }

    /// Beside the answer, which may begin before the body has ended.
    private void sendBody(boolean chunked) {
      try {
        connection.sendBody(exchange.bodyStream(), chunked);
      } catch (IOException e) {
        // If it was the client, its end has cut the connection; a server that wants no more of it
        // says why in its answer.
        LOG.debug("the body of a request was not passed on: {}", e.getMessage());
      }
    }

    private void answer(HttpResponse answer) throws IOException {
      int status = answer.status().code();
      HttpHeaders headers = headers(answer);
      Optional<HtmlLinks> page = passage.links().filter(_ -> isPage(headers)).map(HtmlLinks::new);
      if (page.isPresent()) {
        headers.remove("content-length");
      }
      exchange.open(status, headers);
      Optional<ByteBuf> piece = connection.receive();
      while (piece.isPresent()) {
        exchange.write(page.isPresent() ? rewritten(page.get(), piece.get()) : piece.get());
        piece = connection.receive();
      }
      if (page.isPresent()) {
        exchange.write(page.get().rest());
      }
      if (mayGoAgain(exchange)) {
        connection.release();
      }
      exchange.finish();
    }

    private HttpHeaders headers(HttpResponse answer) {
      HttpHeaders headers = HopHeaders.without(answer.headers());
      if (HttpUtil.isTransferEncodingChunked(answer)) {
        headers.remove("content-length");
      }
      CORS.forEach(headers::remove);
      passage
          .added()
          .forEach((name, value) -> {
            if (!headers.contains(name)) {
              headers.set(name, value);
            }
          });
      String location = headers.get("location");
      if (location != null) {
        passage.links().ifPresent(links -> headers.set("location", links.rewrite(location)));
      }
      return headers;
    }

    /// A page whose links can be read: what is compressed passes as it is.
    private static boolean isPage(HttpHeaders headers) {
      String type = headers.get("content-type", "");
      return type.split(";", 2)[0].strip().equalsIgnoreCase("text/html")
          && !headers.contains("content-encoding")
          && !headers.contains("location");
    }

    private static ByteBuf rewritten(HtmlLinks page, ByteBuf piece) {
      byte[] bytes = new byte[piece.readableBytes()];
      piece.readBytes(bytes);
      piece.release();
      return Unpooled.wrappedBuffer(page.pass(bytes));
    }

    private void tunnel(HttpResponse answer) throws IOException {
      HttpHeaders headers = headers(answer);
      headers.set("upgrade", answer.headers().getAll("upgrade"));
      try (Tunnel tunnel = exchange.tunnel(headers)) {
        Thread.ofVirtual().name("proxy-tunnel").start(() -> toServer(tunnel));
        OutputStream out = tunnel.out();
        byte[] early = connection.early();
        if (early.length > 0) {
          out.write(early);
        }
        copy(connection.in(), out);
      } catch (IOException e) {
        // Either side has gone: that is how such connections end.
        LOG.debug("an upgraded connection ended: {}", e.getMessage());
      }
    }

    private void toServer(Tunnel tunnel) {
      try {
        copy(tunnel.in(), connection.out());
      } catch (IOException e) {
        LOG.debug("an upgraded connection ended: {}", e.getMessage());
      }
      connection.cut();
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
      byte[] piece = new byte[PIECE];
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        out.write(piece, 0, n);
        out.flush();
      }
    }
  }
}
