package io.coxswain.controlplane.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DocumentTest {

  @Test
  void manyWhoAskAtOnceGetWhatOneMakes() throws Exception {
    Document document = new Document();
    AtomicInteger made = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(20);
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        answers.add(
            pool.submit(() -> {
              begun.countDown();
              return document.bytes(() -> {
                try {
                  begun.await(); // all are there by now
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                made.incrementAndGet();
                return new byte[] {1};
              });
            }));
      }
      for (Future<byte[]> answer : answers) {
        assertThat(answer.get()).isSameAs(answers.getFirst().get());
      }
    }
    assertThat(made).hasValue(1);
  }
}
