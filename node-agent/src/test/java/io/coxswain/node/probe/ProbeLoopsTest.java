package io.coxswain.node.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Probe;
import io.coxswain.api.core.v1.ProbeHandler;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.Granted;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProbeLoopsTest {

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile boolean ok;
  private final Prober prober =
      new Prober() {
        @Override
        public Answer ask(ProbeTarget target, ProbeHandler handler, Duration timeout) {
          asked.incrementAndGet();
          return ok ? Answer.OK : Answer.failed("no");
        }
      };
  private final ProbeLoops loops = new ProbeLoops(prober, new Random(1));
  private final ProbeListener listener =
      new ProbeListener() {
        @Override
        public void started(ProbeTarget target) {
          heard.add("started");
        }

        @Override
        public void ready(ProbeTarget target, boolean ready) {
          heard.add("ready " + ready);
        }

        @Override
        public void unhealthy(ProbeTarget target, String why) {
          heard.add("unhealthy");
        }

        @Override
        public void failed(ProbeTarget target, String message) {
          heard.add(message);
        }
      };

  @AfterEach
  void close() {
    loops.close();
  }

  private static Probe probe(int failures) {
    return Probe.newBuilder().setPeriodSeconds(1).setFailureThreshold(failures).build();
  }

  private static ProbeTarget target(Container container) {
    Instant now = Instant.now();
    ContainerRecord record =
        new ContainerRecord(
            "id",
            "u",
            "c",
            0,
            "i",
            "i",
            "i",
            "b",
            1,
            1,
            15,
            -1,
            now,
            now,
            Instant.EPOCH,
            "",
            "",
            Granted.NOTHING,
            ContainerRecord.Origin.UNKNOWN);
    return new ProbeTarget(Pod.getDefaultInstance(), container, record, "127.0.0.1");
  }

  private String next() throws Exception {
    String word = heard.poll(10, TimeUnit.SECONDS);
    assertThat(word).isNotNull();
    return word;
  }

  @Test
  void readinessComesAndGoes() throws Exception {
    ok = true;
    loops.begin(target(Container.newBuilder().setReadinessProbe(probe(2)).build()), listener);
    assertThat(next()).isEqualTo("ready true");
    ok = false;
    assertThat(next()).isEqualTo("Readiness probe failed: no");
    assertThat(next()).isEqualTo("Readiness probe failed: no");
    assertThat(next()).isEqualTo("ready false");
    ok = true;
    while (!next().equals("ready true")) {
      // a failure that was asked for before
    }
  }

  @Test
  void whoNeverWasReadyIsAskedOften() throws Exception {
    Probe rarely = Probe.newBuilder().setPeriodSeconds(3600).build();
    loops.begin(target(Container.newBuilder().setReadinessProbe(rarely).build()), listener);
    await().until(() -> asked.get() >= 2);
    assertThat(heard).as("who starts has not failed").isEmpty();
    ok = true;
    assertThat(next()).isEqualTo("ready true");
  }

  @Test
  void whoDoesNotStartHasFailed() throws Exception {
    Probe rarely = Probe.newBuilder().setPeriodSeconds(3600).build();
    loops.begin(target(Container.newBuilder().setReadinessProbe(rarely).build()), listener);
    assertThat(next()).isEqualTo("Readiness probe failed: no");
  }

  /// An adopted container may have been ready before.
  @Test
  void whoIsNotReadyAtFirstIsToldOnce() throws Exception {
    loops.begin(target(Container.newBuilder().setReadinessProbe(probe(2)).build()), listener);
    String word = next();
    while (word.equals("Readiness probe failed: no")) {
      word = next();
    }
    assertThat(word).isEqualTo("ready false");
    assertThat(next()).isEqualTo("Readiness probe failed: no");
    assertThat(next()).isEqualTo("Readiness probe failed: no");
    ok = true;
    while (word.equals("ready false") || word.equals("Readiness probe failed: no")) {
      word = next();
      assertThat(word).isNotEqualTo("ready false");
    }
    assertThat(word).isEqualTo("ready true");
  }

  @Test
  void livenessFailsAtItsThreshold() throws Exception {
    loops.begin(target(Container.newBuilder().setLivenessProbe(probe(2)).build()), listener);
    assertThat(next()).isEqualTo("Liveness probe failed: no");
    assertThat(next()).isEqualTo("Liveness probe failed: no");
    assertThat(next()).isEqualTo("unhealthy");
  }

  @Test
  void othersBeginAfterTheStartup() throws Exception {
    loops.begin(
        target(
            Container.newBuilder().setStartupProbe(probe(30)).setReadinessProbe(probe(1)).build()),
        listener);
    assertThat(next()).isEqualTo("Startup probe failed: no");
    ok = true;
    String word = next();
    while (word.startsWith("Startup")) {
      word = next();
    }
    assertThat(word).isEqualTo("started");
    assertThat(next()).isEqualTo("ready true");
  }
}
