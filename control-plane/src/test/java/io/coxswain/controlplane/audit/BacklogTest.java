package io.coxswain.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class BacklogTest {

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final AuditFigures figures = new AuditFigures(registry);

  /// Takes nothing before it may.
  private static final class SlowSink implements Sink {

    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch mayGoOn = new CountDownLatch(1);
    final List<List<String>> batches = new CopyOnWriteArrayList<>();
    volatile boolean broken;
    volatile boolean closed;

    @Override
    public String name() {
      return "log";
    }

    @Override
    public void write(List<byte[]> events) throws IOException, InterruptedException {
      asked.countDown();
      mayGoOn.await();
      if (broken) {
        throw new IOException("no space left");
      }
      batches.add(events.stream().map(event -> new String(event, StandardCharsets.UTF_8)).toList());
    }

    @Override
    public void hurry() {
      mayGoOn.countDown();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static byte[] event(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private double lost(String plugin) {
    return registry.get("apiserver.audit.error").tag("plugin", plugin).counter().count();
  }

  @Test
  void whoeverBringsAnEventNeverWaitsAndWhatDoesNotFitIsCounted() throws Exception {
    SlowSink sink = new SlowSink();
    try (Backlog backlog =
        new Backlog(sink, new Backlog.Bounds(2, 100, 10, Duration.ZERO), figures)) {
      backlog.offer(event("first"));
      sink.asked.await();
      for (int i = 0; i < 5; i++) {
        backlog.offer(event("more" + i));
      }
      assertThat(lost("buffered")).isEqualTo(3);
      backlog.offer(event("x".repeat(101)));
      assertThat(lost("buffered")).isEqualTo(4);
    }
    assertThat(sink.batches).containsExactly(List.of("first"), List.of("more0", "more1"));
    assertThat(sink.closed).isTrue();
  }

  @Test
  void theirBytesAreBoundedToo() throws Exception {
    SlowSink sink = new SlowSink();
    try (Backlog backlog =
        new Backlog(sink, new Backlog.Bounds(100, 10, 10, Duration.ZERO), figures)) {
      backlog.offer(event("a"));
      sink.asked.await();
      backlog.offer(event("123456"));
      backlog.offer(event("123456"));
      assertThat(lost("buffered")).isEqualTo(1);
    }
    assertThat(sink.batches).containsExactly(List.of("a"), List.of("123456"));
  }

  @Test
  void aBatchThatIsNotFullWaitsForMore() throws Exception {
    SlowSink sink = new SlowSink();
    sink.mayGoOn.countDown();
    try (Backlog backlog =
        new Backlog(sink, new Backlog.Bounds(100, 100, 2, Duration.ofHours(1)), figures)) {
      backlog.offer(event("a"));
      backlog.offer(event("b"));
      await().until(() -> sink.batches.size() == 1);
      backlog.offer(event("c"));
    }
    assertThat(sink.batches).containsExactly(List.of("a", "b"), List.of("c"));
  }

  @Test
  void whatASinkLosesIsCountedAndTheNextIsTakenThere() throws Exception {
    SlowSink sink = new SlowSink();
    sink.broken = true;
    sink.mayGoOn.countDown();
    try (Backlog backlog =
        new Backlog(sink, new Backlog.Bounds(100, 100, 1, Duration.ZERO), figures)) {
      backlog.offer(event("a"));
      await().until(() -> lost("log") == 1);
      sink.broken = false;
      backlog.offer(event("b"));
    }
    assertThat(sink.batches).containsExactly(List.of("b"));
  }

  @Test
  void afterTheEndNothingIsTaken() throws Exception {
    SlowSink sink = new SlowSink();
    Backlog backlog = new Backlog(sink, new Backlog.Bounds(100, 100, 1, Duration.ZERO), figures);
    backlog.close();
    backlog.offer(event("late"));
    assertThat(lost("buffered")).isEqualTo(1);
  }
}
