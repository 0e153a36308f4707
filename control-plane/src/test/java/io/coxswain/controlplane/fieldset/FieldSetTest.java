package io.coxswain.controlplane.fieldset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sets of fields keep the laws of sets, and their JSON says the same as they.
class FieldSetTest {

  private static final int ROUNDS = 2_000;

  private static FieldSet random(RandomGenerator random, int depth) {
    FieldSetBuilder builder = new FieldSetBuilder();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      FieldSet below =
          depth == 0 || random.nextBoolean() ? FieldSet.EMPTY : random(random, depth - 1);
      var _ = builder.add(element(random), below.isEmpty() || random.nextBoolean(), below);
    }
    return builder.build();
  }

  private static PathElement element(RandomGenerator random) {
    String letter = String.valueOf((char) ('a' + random.nextInt(3)));
    return switch (random.nextInt(5)) {
      case 0 ->
          new PathElement.Key(
              java.util.List.of(
                  new PathElement.Part("name", new Scalar.Text(letter + "\"\\\n")),
                  new PathElement.Part("port", new Scalar.Whole(random.nextInt(3)))));
      case 1 -> new PathElement.Value(new Scalar.Text(letter));
      case 2 -> new PathElement.Index(random.nextInt(2));
      default -> new PathElement.Field(random.nextInt(5) == 0 ? letter + "\"ü" : letter);
    };
  }

  @Test
  void lawsHoldForAnySets() {
    RandomGenerator random = new SplittableRandom(7);
    for (int i = 0; i < ROUNDS; i++) {
      FieldSet a = random(random, 3);
      FieldSet b = random(random, 3);
      FieldSet c = random(random, 3);
      assertThat(a.union(b)).as("seed 7, round %s", i).isEqualTo(b.union(a));
      assertThat(a.union(b).union(c)).isEqualTo(a.union(b.union(c)));
      assertThat(a.intersection(b)).isEqualTo(b.intersection(a));
      assertThat(a.union(a)).isEqualTo(a);
      assertThat(a.intersection(a.union(b))).isEqualTo(a);
      assertThat(a.difference(a)).isEqualTo(FieldSet.EMPTY);
      assertThat(a.difference(b).intersection(b)).isEqualTo(FieldSet.EMPTY);
      assertThat(a.difference(b).union(a.intersection(b))).isEqualTo(a);
      assertThat(a.difference(b).difference(c)).isEqualTo(a.difference(b.union(c)));
      assertThat(a.withoutAllOf(b).difference(a)).isEqualTo(FieldSet.EMPTY);
      assertThat(a.withoutAllOf(b).intersection(b)).isEqualTo(FieldSet.EMPTY);
    }
  }

  @Test
  void membersAreWhatThePathsSay() {
    RandomGenerator random = new SplittableRandom(8);
    for (int i = 0; i < ROUNDS; i++) {
      FieldSet a = random(random, 3);
      FieldSet b = random(random, 3);
      FieldSet both = a.intersection(b);
      a.forEach(path -> {
        assertThat(a.contains(path)).isTrue();
        assertThat(both.contains(path)).isEqualTo(b.contains(path));
        assertThat(a.difference(b).contains(path)).isEqualTo(!b.contains(path));
      });
    }
  }

  @Test
  void jsonSaysTheSame() throws FieldsV1.MalformedException {
    RandomGenerator random = new SplittableRandom(9);
    for (int i = 0; i < ROUNDS; i++) {
      FieldSet set = random(random, 4);
      ByteString json = FieldsV1.encode(set);
      assertThat(FieldsV1.decode(json)).as(json.toStringUtf8()).isEqualTo(set);
      assertThat(FieldsV1.encode(FieldsV1.decode(json))).isEqualTo(json);
    }
  }

  @Test
  void everyKindOfElementHasItsSign() throws FieldsV1.MalformedException {
    String json =
        "{\"f:metadata\":{\"f:finalizers\":{\".\":{},\"v:\\\"a/b\\\"\":{}}},"
            + "\"f:spec\":{\"f:ports\":{\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":"
            + "{\".\":{},\"f:port\":{}}},\"i:3\":{}}}";
    FieldSet set = FieldsV1.decode(ByteString.copyFromUtf8(json));
    assertThat(set.paths())
        .containsExactly(
            ".metadata.finalizers",
            ".metadata.finalizers[=\"a/b\"]",
            ".spec.ports[port=80,protocol=\"TCP\"]",
            ".spec.ports[port=80,protocol=\"TCP\"].port",
            ".spec[3]");
    assertThat(FieldsV1.encode(set).toStringUtf8()).isEqualTo(json);
  }

  @Test
  void elementsThatComeLaterAreLeftOut() throws FieldsV1.MalformedException {
    FieldSet set = FieldsV1.decode(ByteString.copyFromUtf8("{\"z:new\":{},\"f:a\":{}}"));
    assertThat(set.paths()).containsExactly(".a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{",
        "{\"f:a\":1}",
        "{\"nothing\":{}}",
        "{\"k:[]\":{}}",
        "{\"k:{\":{}}",
        "{\"k:{\\\"a\\\":[]}\":{}}",
        "{\"v:\":{}}",
        "{\"i:x\":{}}",
        "{\"v:123456789012345678901234567890\":{}}"
      })
  void whatIsNoSetIsRefused(String json) {
    assertThatThrownBy(() -> FieldsV1.decode(ByteString.copyFromUtf8(json)))
        .isInstanceOf(FieldsV1.MalformedException.class);
  }

  @Test
  void depthIsBounded() {
    String deep = "{\"f:a\":".repeat(5_000) + "{}" + "}".repeat(5_000);
    assertThatThrownBy(() -> FieldsV1.decode(ByteString.copyFromUtf8(deep)))
        .isInstanceOf(FieldsV1.MalformedException.class);
  }
}
