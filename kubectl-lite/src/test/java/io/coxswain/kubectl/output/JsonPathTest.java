package io.coxswain.kubectl.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonPathTest {

  private static final String PODS =
      """
      {"kind": "List", "items": [
        {"metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "web"}}, "status": {"phase": "Running", "restarts": 3}},
        {"metadata": {"name": "b"}, "status": {"phase": "Pending", "restarts": 12}}]}
      """;

  record Case(String template, String printed) {}

  @SuppressWarnings("unused") // named by @FieldSource
  private static final List<Case> cases =
      List.of(
          new Case("{.kind}", "List"),
          new Case("kind", "List"),
          new Case("{.items[*].metadata.name}", "a b"),
          new Case("{.items[0].metadata.name}", "a"),
          new Case("{.items[-1].metadata.name}", "b"),
          new Case("{.items[0:1].metadata.name}", "a"),
          new Case(
              "{range .items[*]}{.metadata.name}={.status.phase}{\"\\n\"}{end}",
              "a=Running\nb=Pending\n"),
          new Case("{.items[?(@.status.phase==\"Pending\")].metadata.name}", "b"),
          new Case("{.items[?(@.status.restarts>3)].metadata.name}", "b"),
          new Case("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "web"),
          new Case("{.items[0].metadata.labels['app.kubernetes.io/name']}", "web"),
          new Case("{..phase}", "Running Pending"),
          new Case("{.items[0].status}", "{\"phase\":\"Running\",\"restarts\":3}"),
          new Case("{.nothing}", ""),
          new Case("name: {.items[0].metadata.name}!", "name: a!"));

  @ParameterizedTest
  @FieldSource("cases")
  void prints(Case one) throws IOException {
    assertThat(
            JsonPath.parse(one.template()).print(Json.parse(PODS.getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(one.printed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{.items", "{range .items[*]}", "{end}", "{.items[x]}", "{.items[0:2:0]}", "{,}"})
  void saysWhereATemplateIsWrong(String template) {
    assertThatThrownBy(() -> JsonPath.parse(template))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("error parsing jsonpath");
  }
}
