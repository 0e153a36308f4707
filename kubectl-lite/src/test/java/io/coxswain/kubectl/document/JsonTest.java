package io.coxswain.kubectl.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.kubectl.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class JsonTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "{\"a\":[1,-2,3000000000,123456789012345678901234567890,1.5,true,false,null,\"x\"]}",
        "{\"nested\":{\"empty\":{},\"list\":[[],[{}]]}}",
        "\"quote \\\" backslash \\\\ newline \\n, and beyond ascii: äö€😀\"",
      })
  void whatIsReadIsWrittenTheSame(String text) throws IOException {
    assertThat(Json.compact(Json.parse(bytes(text)))).isEqualTo(text);
  }

  @Test
  void nothingIsReadAsMissing() throws IOException {
    assertThat(Json.parse(new byte[0]).isMissingNode()).isTrue();
  }

  @Test
  void whatComesAfterTheValueIsNotLookedAt() throws IOException {
    assertThat(Json.compact(Json.parse(bytes("{\"a\":1} {")))).isEqualTo("{\"a\":1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "<html>", "{\"a\":}", "[1,"})
  void brokenTextIsRefused(String text) {
    assertThatThrownBy(() -> Json.parse(bytes(text)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("not JSON: ");
  }

  @Test
  void aStreamGivesOneValueAfterAnother() {
    List<String> values = new ArrayList<>();
    Json.stream(new ByteArrayInputStream(bytes("{\"a\":1}\n{\"a\":2}\n[3]")))
        .forEachRemaining(node -> values.add(Json.compact(node)));
    assertThat(values).containsExactly("{\"a\":1}", "{\"a\":2}", "[3]");
  }

  @Test
  void aStreamThatBreaksOffSaysSo() {
    var values = Json.stream(new ByteArrayInputStream(bytes("{\"a\":1}\n{\"a\"")));
    assertThat(Json.number(values.next(), "a")).isEqualTo(1);
    assertThatThrownBy(() -> values.next())
        .isInstanceOf(Failure.class)
        .hasMessageContaining("broke off");
  }

  @Test
  void sortedGivesTheSameTextForTheSameObject() throws IOException {
    JsonNode node = Json.parse(bytes("{\"b\":{\"z\":1,\"y\":[{\"d\":1,\"c\":2}]},\"a\":0}"));
    assertThat(Json.sorted(node)).isEqualTo("{\"a\":0,\"b\":{\"y\":[{\"c\":2,\"d\":1}],\"z\":1}}");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
