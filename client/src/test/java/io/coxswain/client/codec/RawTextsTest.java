package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.meta.v1.FieldsV1;
import io.coxswain.api.meta.v1.ManagedFieldsEntry;
import io.coxswain.api.meta.v1.ObjectMeta;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawTextsTest {

  private final JsonCodec codec = new JsonCodec(Long.MAX_VALUE);

  private static ConfigMap with(String raw) {
    return ConfigMap.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .addManagedFields(
                    ManagedFieldsEntry.newBuilder()
                        .setFieldsV1(FieldsV1.newBuilder().setRaw(ByteString.copyFromUtf8(raw)))))
        .build();
  }

  private String printed(String raw) {
    String whole = new String(codec.encode(with(raw)), StandardCharsets.UTF_8);
    int from = whole.indexOf("\"fieldsV1\":") + "\"fieldsV1\":".length();
    return whole.substring(from, whole.lastIndexOf("}]"));
  }

  @Test
  void whatIsPrintedAgainIsPrintedTheSame() {
    String raw = "{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:ü\\\"/\":{}}},\"n\":[1.50,null]}";
    String first = printed(raw);
    assertThat(first)
        .isEqualTo("{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:ü\\\"/\":{}}},\"n\":[1.50,null]}");
    assertThat(printed(raw)).isEqualTo(first);
    assertThat(printed("{\"other\":1}")).isEqualTo("{\"other\":1}");
  }

  @Test
  void onlyTheFirstValueIsPrinted() {
    assertThat(printed("{ \"a\" : 1 } , \"b\": 2")).isEqualTo("{\"a\":1}");
  }

  @Test
  void aBigOneIsPrintedToo() {
    String big = "{\"a\":\"" + "x".repeat(5000) + "\"}";
    assertThat(printed(big)).isEqualTo(big);
  }

  @Test
  void aTreeHasItAsATree() {
    for (int i = 0; i < 2; i++) {
      assertThat(
              codec
                  .toTree(with("{\"f:data\":{}}"))
                  .at("/metadata/managedFields/0/fieldsV1/f:data")
                  .isObject())
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "nonsense", "{\"a\":}"})
  void whatIsNoJsonIsRefusedEachTime(String raw) {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> codec.encode(with(raw)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a raw part of the object is not JSON");
    }
  }
}
