package io.coxswain.controlplane.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.client.ObjectKey;
import io.coxswain.controlplane.storage.StoredValue;
import org.junit.jupiter.api.Test;

class HistoryTest {

  private static final ObjectCodec NEVER_READ =
      new ObjectCodec() {
        @Override
        public Message decode(StoredValue value) {
          throw new AssertionError("nobody looks inside");
        }

        @Override
        public Message bookmark(long revision, boolean endsInitialEvents) {
          throw new AssertionError("nobody asks for bookmarks");
        }
      };

  private final History history = new History(1024, Long.MAX_VALUE, 10_000);

  /// One that holds so many bytes.
  private static Change change(long revision, int bytes) {
    ObjectKey key = new ObjectKey("default", "a");
    StoredValue stored = new StoredValue("/a", ByteString.copyFrom(new byte[bytes]), revision);
    CachedObject object = new CachedObject(key, stored, NEVER_READ);
    return new Change(object, object, revision, 0);
  }

  private void append(int from, int to, int bytes) {
    for (int revision = from; revision <= to; revision++) {
      history.append(change(revision, bytes));
    }
  }

  @Test
  void smallChangesAreKeptByTheirNumber() {
    history.reset(0);
    append(1, 500, 10);

    assertThat(history.floor()).isZero();
    assertThat(history.reaches(0)).isTrue();
  }

  @Test
  void largeChangesAreForgottenByTheirBytes() {
    history.reset(0);
    append(1, 500, 1000);

    assertThat(history.floor()).isEqualTo(489);
    assertThat(history.reaches(488)).isFalse();
    assertThat(history.at(history.next() - 1).revision()).isEqualTo(500);
  }

  @Test
  void theNewestIsKeptHoweverLargeItIs() {
    history.reset(0);
    append(1, 3, 50_000);

    assertThat(history.floor()).isEqualTo(2);
    assertThat(history.at(history.next() - 1).revision()).isEqualTo(3);
  }

  @Test
  void whatIsForgottenCountsNoMore() {
    history.reset(0);
    append(1, 100, 1000);
    history.reset(100);
    append(101, 110, 1000);

    assertThat(history.floor()).isEqualTo(100);
  }
}
