package io.coxswain.client.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LifecycleTest {

  private final List<String> heard = new ArrayList<>();

  @Test
  void startsInOrderAndClosesInReverse() {
    Lifecycle lifecycle = new Lifecycle("test");
    lifecycle.add("a", () -> heard.add("+a"), () -> heard.add("-a"));
    lifecycle.own("b", () -> heard.add("-b"));
    lifecycle.add("c", () -> heard.add("+c"), () -> heard.add("-c"));
    lifecycle.start();
    lifecycle.close();
    lifecycle.close();
    assertThat(heard).containsExactly("+a", "+c", "-c", "-b", "-a");
  }

  @Test
  void aPartThatDoesNotStartClosesThoseBeforeIt() {
    Lifecycle lifecycle = new Lifecycle("test");
    lifecycle.add("a", () -> heard.add("+a"), () -> heard.add("-a"));
    lifecycle.add(
        "b",
        () -> {
          throw new IllegalArgumentException("no port");
        },
        () -> heard.add("-b"));
    lifecycle.add("c", () -> heard.add("+c"), () -> heard.add("-c"));
    assertThatThrownBy(lifecycle::start).hasMessage("test: b did not start: no port");
    assertThat(heard).containsExactly("+a", "-b", "-a");
  }

  @Test
  void aPartThatDoesNotCloseKeepsNoOtherOpen() {
    Lifecycle lifecycle = new Lifecycle("test");
    lifecycle.own("a", () -> heard.add("-a"));
    lifecycle.own(
        "b",
        () -> {
          throw new IllegalStateException("stuck");
        });
    lifecycle.close();
    assertThat(heard).containsExactly("-a");
  }

  @Test
  void aScopeEndsItsTasks() {
    TaskScope scope = new TaskScope("test");
    CountDownLatch never = new CountDownLatch(1);
    scope.fork("waits", never::await);
    scope.fork("fails", () -> Thread.currentThread().interrupt());
    await().until(() -> scope.size() == 1);
    scope.close();
    assertThat(scope.size()).isZero();
    assertThatThrownBy(() -> scope.fork("late", () -> {})).hasMessageContaining("test is closed");
  }
}
