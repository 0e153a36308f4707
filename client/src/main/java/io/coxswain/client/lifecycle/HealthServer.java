package io.coxswain.client.lifecycle;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// `/healthz` and `/metrics` on loopback, for the machine's own eyes: of a process that has no
/// server of its own.
public final class HealthServer implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /// @param metrics the figures now, as Prometheus reads them
  /// @param unready why this process cannot work; empty when it can
  /// @throws IOException when the port is taken
  public HealthServer(int port, Supplier<String> metrics, Supplier<String> unready)
      throws IOException {
    server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), /* backlog= */ 16);
    server.setExecutor(executor);
    server.createContext(
        "/healthz",
        exchange -> {
          String why = unready.get();
          answer(exchange, why.isEmpty() ? 200 : 503, why.isEmpty() ? "ok" : why);
        });
    server.createContext("/metrics", exchange -> answer(exchange, 200, metrics.get()));
  }

  public void start() {
    server.start();
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
