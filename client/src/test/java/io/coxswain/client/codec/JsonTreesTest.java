package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

final class JsonTreesTest {

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "true",
        "0",
        "-1",
        "9223372036854775807",
        "123456789012345678901234567890",
        "1.5",
        "\"\"",
        "\"\\u0000 \\\" \\\\ \u00e4 \ud83d\ude00\"",
        "{\"b\":[1,[],{\"a\":null}],\"a\":{\"\":false}}"
      })
  void readsAndWritesWhatDataBindingDoes(String json) {
    assertThat(JsonTrees.read(json)).isEqualTo(JsonMapper.shared().readTree(json));
    assertThat(JsonTrees.read(utf8(json))).isEqualTo(JsonTrees.read(json));
    assertThat(JsonTrees.text(JsonTrees.read(json)))
        .isEqualTo(JsonMapper.shared().writeValueAsString(JsonMapper.shared().readTree(json)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[1", "{\"a\"}", "nul", "01", "{} {}", "1 2", "]", "\"a", "{a:1}"})
  void whatIsNoJsonIsRefused(String json) {
    assertThatThrownBy(() -> JsonTrees.read(json)).isInstanceOf(JacksonException.class);
    assertThatThrownBy(() -> JsonTrees.read(utf8(json))).isInstanceOf(JacksonException.class);
  }

  @Test
  void depthIsBounded() {
    String deep = "[".repeat(100_000);
    assertThatThrownBy(() -> JsonTrees.read(deep)).isInstanceOf(JacksonException.class);
  }

  @Test
  void nothingIsAMissingNode() {
    assertThat(JsonTrees.read("").isMissingNode()).isTrue();
    assertThat(JsonTrees.read(new byte[0]).path("a").asString("none")).isEqualTo("none");
  }

  @Test
  void theLastOfTwoMembersCounts() {
    assertThat(JsonTrees.read("{\"a\":1,\"a\":2}").path("a").intValue()).isEqualTo(2);
  }

  @Test
  void plainValuesAreWrittenInTheirOrder() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("z", 1);
    value.put("a", Arrays.asList("text", null, true, 2L, 0.5));
    value.put("m", Map.of("tree", JsonTrees.object().put("x", "y")));
    assertThat(JsonTrees.text(value))
        .isEqualTo("{\"z\":1,\"a\":[\"text\",null,true,2,0.5],\"m\":{\"tree\":{\"x\":\"y\"}}}");
  }

  @Test
  void whatIsNoPlainValueIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JsonTrees.bytes(List.of(Instant.EPOCH)))
        .withMessageContaining("java.time.Instant");
  }
}
