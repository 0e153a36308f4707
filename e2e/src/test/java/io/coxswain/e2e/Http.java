package io.coxswain.e2e;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Plain HTTP/1.0 requests, a connection each, as the harshest client of a rollout makes them.
final class Http {

  private static final int PATIENCE_MILLIS = 5_000;

  private Http() {}

  /// @throws IOException when it could not connect, or the answer was not a whole 200
  static String get(String host, int port, String path) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      String request = "GET " + path + " HTTP/1.0\r\nHost: " + host + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int body = answer.indexOf("\r\n\r\n");
      if (!answer.startsWith("HTTP/1.") || !answer.contains(" 200 ") || body < 0) {
        throw new IOException(
            "not a whole 200 answer: " + answer.lines().findFirst().orElse("(empty)"));
      }
      return answer.substring(body + 4);
    }
  }

  /// Requests from several threads until it is ended.
  static final class Load {
    private final AtomicLong succeeded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean ending = new AtomicBoolean();
    private final CountDownLatch ended;

    Load(String host, int port, int threads) {
      ended = new CountDownLatch(threads);
      for (int i = 0; i < threads; i++) {
        Thread.ofPlatform()
            .name("load-" + i)
            .daemon()
            .start(() -> {
              while (!ending.get()) {
                one(host, port);
              }
              ended.countDown();
            });
      }
    }

    private void one(String host, int port) {
      try {
        get(host, port, "/");
        succeeded.incrementAndGet();
      } catch (IOException e) {
        failed.incrementAndGet();
        if (failures.size() < 20) {
          failures.add(java.time.Instant.now() + " " + e);
        }
      }
    }

    long succeeded() {
      return succeeded.get();
    }

    long failed() {
      return failed.get();
    }

    String firstFailures() {
      return String.join("\n", failures);
    }

    /// Waits for the requests under way.
    void end() throws InterruptedException {
      ending.set(true);
      ended.await();
    }
  }
}
