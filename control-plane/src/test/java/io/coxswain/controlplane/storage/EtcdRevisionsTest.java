package io.coxswain.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.KeyValue;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdRevisionsTest {

  private static final ByteString VALUE = ByteString.copyFromUtf8("value");

  private static StoredValue kept(ByteString bytes) {
    return EtcdRevisions.value(
        KeyValue.newBuilder()
            .setKey(ByteString.copyFromUtf8("key"))
            .setModRevision(7)
            .setValue(bytes)
            .build());
  }

  @Test
  void withinARevisionOfEtcdWritesComeBeforeRemovalsAndTheWholeIsLast() {
    List<Long> revisions =
        LongStream.of(
                EtcdRevisions.whole(6),
                EtcdRevisions.written(7, 0),
                EtcdRevisions.written(7, EtcdRevisions.MOST_WRITES - 1),
                EtcdRevisions.removed(7, 0),
                EtcdRevisions.removed(7, 1),
                EtcdRevisions.removed(7, 100_000),
                EtcdRevisions.whole(7),
                EtcdRevisions.written(8, 0))
            .boxed()
            .toList();
    assertThat(revisions).isSorted().doesNotHaveDuplicates();
    assertThat(revisions)
        .extracting(EtcdRevisions::etcd)
        .containsExactly(6L, 7L, 7L, 7L, 7L, 7L, 7L, 8L);
  }

  @Test
  void whoKnowsTheWholeOfARevisionGoesOnBehindIt() {
    assertThat(EtcdRevisions.firstAfter(EtcdRevisions.whole(7))).isEqualTo(8);
    assertThat(EtcdRevisions.firstAfter(EtcdRevisions.written(7, 3))).isEqualTo(7);
    assertThat(EtcdRevisions.firstAfter(0)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, EtcdRevisions.MOST_WRITES - 1})
  void aPlaceIsPartOfTheValueAndNotSeenByItsReader(int place) {
    StoredValue value = kept(EtcdRevisions.placed(VALUE, place));
    assertThat(value).isEqualTo(new StoredValue("key", VALUE, EtcdRevisions.written(7, place)));
  }

  @Test
  void aValueAloneIsKeptAsItIs() {
    assertThat(EtcdRevisions.placed(VALUE, 0)).isSameAs(VALUE);
  }

  @Test
  void aValueThatEndsLikeAPlaceIsKept() {
    ByteString like = EtcdRevisions.placed(VALUE, 5);
    assertThat(kept(EtcdRevisions.placed(like, 0)))
        .isEqualTo(new StoredValue("key", like, EtcdRevisions.written(7, 0)));
  }

  @Test
  void otherReadersOfProtobufPassOverIt() throws Exception {
    UnknownFieldSet message =
        UnknownFieldSet.newBuilder()
            .addField(2, UnknownFieldSet.Field.newBuilder().addLengthDelimited(VALUE).build())
            .build();
    UnknownFieldSet read =
        UnknownFieldSet.parseFrom(EtcdRevisions.placed(message.toByteString(), 9));
    assertThat(read.getField(2)).isEqualTo(message.getField(2));
    assertThat(read.getField(10_000).getVarintList()).containsExactly(9L);
  }
}
