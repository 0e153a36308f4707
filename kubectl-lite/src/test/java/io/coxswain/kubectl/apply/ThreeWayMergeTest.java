package io.coxswain.kubectl.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.JsonNode;

final class ThreeWayMergeTest {

  private static final String OPEN_API =
      """
      {"components": {"schemas": {
        "Pod": {
          "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Pod"}],
          "properties": {
            "metadata": {"properties": {"finalizers": {"items": {"type": "string"}, "x-kubernetes-patch-strategy": "merge"}}},
            "spec": {"$ref": "#/components/schemas/Spec"}}},
        "Spec": {"properties": {
          "containers": {"items": {"$ref": "#/components/schemas/Container"}, "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name"},
          "args": {"items": {"type": "string"}}}},
        "Container": {"properties": {"name": {"type": "string"}, "image": {"type": "string"}}}}}}
      """;

  record Case(String what, String applied, String wanted, String live, String patch) {
    @Override
    public String toString() {
      return what;
    }
  }

  @SuppressWarnings("unused") // named by @FieldSource
  private static final List<Case> cases =
      List.of(
          new Case("nothing changes", "{'a': 1}", "{'a': 1}", "{'a': 1, 'b': 2}", "{}"),
          new Case("a field changes", "{'a': 1}", "{'a': 2}", "{'a': 1}", "{'a': 2}"),
          new Case(
              "what is no longer wanted goes",
              "{'a': 1, 'b': 2}",
              "{'a': 1}",
              "{'a': 1, 'b': 2}",
              "{'b': null}"),
          new Case("what others wrote stays", "{}", "{'a': 1}", "{'a': 1, 'theirs': 3}", "{}"),
          new Case(
              "an item of a keyed list changes",
              "{'spec': {'containers': [{'name': 'c', 'image': 'one'}]}}",
              "{'spec': {'containers': [{'name': 'c', 'image': 'two'}]}}",
              "{'spec': {'containers': [{'name': 'c', 'image': 'one', 'theirs': 1}, {'name': 'injected'}]}}",
              "{'spec': {'$setElementOrder/containers': [{'name': 'c'}], 'containers': [{'image': 'two', 'name': 'c'}]}}"),
          new Case(
              "an item of a keyed list goes",
              "{'spec': {'containers': [{'name': 'c'}, {'name': 'd'}]}}",
              "{'spec': {'containers': [{'name': 'c'}]}}",
              "{'spec': {'containers': [{'name': 'c'}, {'name': 'd'}]}}",
              "{'spec': {'$setElementOrder/containers': [{'name': 'c'}], 'containers': [{'$patch': 'delete', 'name': 'd'}]}}"),
          new Case(
              "a plain list is whole",
              "{'spec': {'args': ['a']}}",
              "{'spec': {'args': ['a', 'b']}}",
              "{'spec': {'args': ['a']}}",
              "{'spec': {'args': ['a', 'b']}}"),
          new Case(
              "a set of values gains and loses",
              "{'metadata': {'finalizers': ['mine']}}",
              "{'metadata': {'finalizers': ['new']}}",
              "{'metadata': {'finalizers': ['mine', 'theirs']}}",
              "{'metadata': {'finalizers': ['new'], '$deleteFromPrimitiveList/finalizers': ['mine']}}"));

  @ParameterizedTest
  @FieldSource("cases")
  void patches(Case one) throws IOException {
    MergeKeys keys = MergeKeys.in(json(OPEN_API), "", "v1", "Pod");
    assertThat(
            new ThreeWayMerge(keys)
                .patch(json(one.applied()), json(one.wanted()), json(one.live())))
        .isEqualTo(json(one.patch()));
  }

  private static JsonNode json(String text) throws IOException {
    return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
