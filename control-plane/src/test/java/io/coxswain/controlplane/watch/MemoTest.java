package io.coxswain.controlplane.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class MemoTest {

  private final Memo memo = new Memo();
  private final AtomicInteger made = new AtomicInteger();

  @Test
  void aFormIsMadeOnceForAllWhoHoldIt() {
    byte[] held = memo.form("json", byte[].class, this::make);
    System.gc();

    assertThat(memo.form("json", byte[].class, this::make)).isSameAs(held);
    assertThat(memo.form("other", byte[].class, this::make)).isNotSameAs(held);
  }

  @Test
  void aFormThatNobodyHoldsGoes() {
    memo.form("json", byte[].class, this::make);
    System.gc();

    assertThat(memo.form("json", byte[].class, this::make)).containsExactly(2);
  }

  @Test
  void whatLastsStaysWhileThereIsMemory() {
    memo.lasting("json", byte[].class, this::make);
    System.gc();

    assertThat(memo.form("json", byte[].class, this::make)).containsExactly(1);
  }

  @Test
  void aFormLastsFromWhenItIsAskedForSo() {
    memo.form("json", byte[].class, this::make);
    memo.lasting("json", byte[].class, this::make);
    System.gc();

    assertThat(memo.form("json", byte[].class, this::make)).containsExactly(1);
  }

  private byte[] make() {
    return new byte[] {(byte) made.incrementAndGet()};
  }
}
