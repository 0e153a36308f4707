package io.coxswain.controlplane.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class PatchesTest {

  /// @param spec a pod's spec before, as YAML
  /// @param patch of the spec, as YAML
  /// @param expected the spec afterwards, as YAML
  record Case(String name, String spec, String patch, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static String spec(Message pod) {
    JsonNode spec = new JsonCodec().toTree(pod).path("spec");
    return YamlCodec.write(spec);
  }

  private static String json(String yaml) {
    return YamlCodec.parse(yaml).getFirst().content().toString();
  }

  private static Message pod(String spec) {
    return Objects.of("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: " + spec + "}");
  }

  static Case[] strategic() {
    return new Case[] {
      new Case(
          "merges items by their key, new ones first",
          "{containers: [{name: a, image: x, env: [{name: E, value: '1'}]}, {name: b, image: u}]}",
          "{containers: [{name: b, image: z}, {name: c, image: w}, {name: a, env: [{name: F, value: '2'}]}]}",
          "{containers: [{name: b, image: z}, {name: c, image: w}, {name: a, image: x, env: [{name: F, value: '2'}, {name: E, value: '1'}]}]}"),
      new Case(
          "an item that is new goes before those it does not know",
          "{containers: [{name: a, image: x}]}",
          "{containers: [{name: b, image: u}]}",
          "{containers: [{name: b, image: u}, {name: a, image: x}]}"),
      new Case(
          "order as the author says",
          "{containers: [{name: a, image: x}, {name: s, image: side}]}",
          "{$setElementOrder/containers: [{name: a}, {name: b}], containers: [{name: b, image: u}]}",
          "{containers: [{name: a, image: x}, {name: b, image: u}, {name: s, image: side}]}"),
      new Case(
          "order alone",
          "{containers: [{name: a, image: x}, {name: b, image: u}]}",
          "{$setElementOrder/containers: [{name: b}, {name: a}]}",
          "{containers: [{name: b, image: u}, {name: a, image: x}]}"),
      new Case(
          "deletes an item",
          "{containers: [{name: a, image: x}, {name: b, image: u}]}",
          "{containers: [{name: a, $patch: delete}]}",
          "{containers: [{name: b, image: u}]}"),
      new Case(
          "replaces a list",
          "{containers: [{name: a, image: x}, {name: b, image: u}]}",
          "{containers: [{$patch: replace}, {name: c, image: z}]}",
          "{containers: [{name: c, image: z}]}"),
      new Case(
          "replaces an object",
          "{securityContext: {runAsUser: 1, fsGroup: 2}}",
          "{securityContext: {$patch: replace, runAsUser: 3}}",
          "{securityContext: {runAsUser: 3}}"),
      new Case(
          "removes by null, also below",
          "{nodeName: n1, securityContext: {runAsUser: 1, fsGroup: 2}}",
          "{nodeName: null, securityContext: {fsGroup: null}}",
          "{securityContext: {runAsUser: 1}}"),
      new Case(
          "a list without a strategy is replaced",
          "{tolerations: [{key: a, operator: Exists}]}",
          "{tolerations: [{key: b, operator: Exists}]}",
          "{tolerations: [{key: b, operator: Exists}]}"),
      new Case(
          "maps merge key by key",
          "{nodeSelector: {a: '1', b: '2'}}",
          "{nodeSelector: {b: null, c: '3'}}",
          "{nodeSelector: {a: '1', c: '3'}}"),
      new Case(
          "keeps only the named keys of a volume",
          "{volumes: [{name: v, emptyDir: {}}]}",
          "{volumes: [{name: v, $retainKeys: [name, configMap], configMap: {name: c}}]}",
          "{volumes: [{name: v, configMap: {name: c}}]}"),
      new Case(
          "strips directives of what is new",
          "{}",
          "{volumes: [{name: v, $retainKeys: [name, emptyDir], emptyDir: {}}], securityContext: {fsGroup: null, runAsUser: 1}}",
          "{volumes: [{name: v, emptyDir: {}}], securityContext: {runAsUser: 1}}"),
      new Case(
          "ports merge by number",
          "{containers: [{name: a, ports: [{containerPort: 80, name: x}, {containerPort: 81}]}]}",
          "{containers: [{name: a, ports: [{containerPort: 81, $patch: delete}, {containerPort: 80, name: p}]}]}",
          "{containers: [{name: a, ports: [{containerPort: 80, name: p}]}]}"),
    };
  }

  @ParameterizedTest
  @MethodSource
  void strategic(Case test) {
    Message after =
        Patches.apply(
                pod(test.spec()),
                Patch.strategic("{\"spec\":" + json(test.patch()) + "}"),
                Strictness.STRICT)
            .message();
    assertThat(spec(after)).isEqualTo(spec(pod(test.expected())));
  }

  @Test
  void plainListsMergeAndLose() {
    Message before =
        Objects.of("{apiVersion: v1, kind: Pod, metadata: {name: a, finalizers: [x/a, x/b]}}");
    Message after =
        Patches.apply(
                before,
                Patch.strategic(
                    json(
                        "{metadata: {finalizers: [x/c], $deleteFromPrimitiveList/finalizers: [x/a],"
                            + " $setElementOrder/finalizers: [x/b, x/c]}}")),
                Strictness.STRICT)
            .message();
    assertThat(new JsonCodec().toTree(after).at("/metadata/finalizers").toString())
        .isEqualTo("[\"x/b\",\"x/c\"]");
  }

  @ParameterizedTest
  @MethodSource
  void refusals(Case test) {
    assertThatThrownBy(() ->
            Patches.apply(
                pod(test.spec()),
                Patch.strategic("{\"spec\":" + json(test.patch()) + "}"),
                Strictness.STRICT))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining(test.expected());
  }

  static Case[] refusals() {
    return new Case[] {
      new Case(
          "no key",
          "{}",
          "{containers: [{image: x}]}",
          "does not contain the declared merge key \"name\""),
      new Case("bad directive", "{}", "{$patch: drop}", "unknown value \"drop\" of $patch"),
      new Case(
          "directive of no text", "{}", "{$patch: [a]}", "unknown value \"[\"a\"]\" of $patch"),
      new Case(
          "key of no text",
          "{}",
          "{containers: [{name: [a], image: x}]}",
          "spec.containers[0].name of type string"),
      new Case("unknown directive", "{}", "{$foo: 1}", "unknown directive $foo"),
      new Case("unknown field", "{}", "{foo: 1}", "unknown field \"spec.foo\""),
      new Case(
          "retain",
          "{}",
          "{volumes: [{name: v, $retainKeys: [name], emptyDir: {}}]}",
          "does not name \"emptyDir\""),
      new Case(
          "type",
          "{}",
          "{hostNetwork: 3}",
          "cannot unmarshal number into field spec.hostNetwork of type bool"),
    };
  }

  @Test
  void mergePatch() {
    Message after =
        Patches.apply(
                pod("{nodeName: n1, containers: [{name: a}, {name: b}], nodeSelector: {x: '1'}}"),
                Patch.merge(
                    "{\"spec\":{\"nodeName\":null,\"containers\":[{\"name\":\"c\"}],\"nodeSelector\":{\"z\":\"2\"}}}"),
                Strictness.STRICT)
            .message();
    assertThat(spec(after))
        .isEqualTo(spec(pod("{containers: [{name: c}], nodeSelector: {x: '1', z: '2'}}")));
  }

  @Test
  void jsonPatch() {
    Message before = pod("{nodeName: n1, containers: [{name: a, image: x}]}");
    Message after =
        Patches.apply(
                before,
                new Patch(
                    Patch.Type.JSON,
                    "[{\"op\":\"test\",\"path\":\"/spec/nodeName\",\"value\":\"n1\"},"
                        + "{\"op\":\"replace\",\"path\":\"/spec/containers/0/image\",\"value\":\"u\"},"
                        + "{\"op\":\"add\",\"path\":\"/spec/containers/-\",\"value\":{\"name\":\"b\"}},"
                        + "{\"op\":\"replace\",\"path\":\"/spec/hostname\",\"value\":\"h\"},"
                        + "{\"op\":\"remove\",\"path\":\"/spec/nodeName\"}]"),
                Strictness.STRICT)
            .message();
    assertThat(spec(after))
        .isEqualTo(spec(pod("{containers: [{name: a, image: u}, {name: b}], hostname: h}")));
    for (String wrong :
        new String[] {
          "[{\"op\":\"test\",\"path\":\"/spec/nodeName\",\"value\":\"m\"}]",
          "[{\"op\":\"remove\",\"path\":\"/spec/hostname\"}]",
          "[{\"op\":\"remove\",\"path\":\"\"}]",
          "[{\"op\":\"replace\",\"path\":\"/spec/containers/7\",\"value\":{}}]",
          "[{\"op\":\"replace\",\"path\":\"/spec/affinity/x\",\"value\":{}}]",
          "[{\"op\":\"move\",\"from\":\"/spec\",\"path\":\"/spec/x\"}]",
          "[{\"op\":\"add\",\"path\":\"/spec/containers/7\",\"value\":{}}]",
          "[" + "{\"op\":\"copy\",\"from\":\"/spec\",\"path\":\"/spec/x\"},".repeat(40) + "3]",
          "[{\"op\":\"nope\",\"path\":\"/spec\"}]",
          "[3]",
          "{}",
          "nothing",
        }) {
      assertThatThrownBy(
              () -> Patches.apply(before, new Patch(Patch.Type.JSON, wrong), Strictness.STRICT))
          .as(wrong)
          .isInstanceOf(ApiException.class);
    }
  }

  private static ApiError refusal(Message before, String operations) {
    ApiException refused =
        catchThrowableOfType(
            ApiException.class,
            () -> Patches.apply(before, new Patch(Patch.Type.JSON, operations), Strictness.STRICT));
    assertThat(refused).isNotNull();
    return refused.error();
  }

  @Test
  void aJsonPatchHasAtMostSoManyOperations() {
    Message before = pod("{nodeName: n1, containers: [{name: a}]}");
    String test = "{\"op\":\"test\",\"path\":\"/spec/nodeName\",\"value\":\"n1\"}";
    String most = test + ("," + test).repeat(9_999);
    Patch patch = new Patch(Patch.Type.JSON, "[" + most + "]");
    assertThat(Patches.apply(before, patch, Strictness.STRICT).message()).isEqualTo(before);
    assertThat(refusal(before, "[" + most + "," + test + "]"))
        .isEqualTo(
            new ApiError.TooLarge(
                "Request entity too large: The allowed maximum operations in a JSON patch is"
                    + " 10000, got 10001"));
  }

  @Test
  void whatAJsonPatchCopiesIsBounded() {
    Message before =
        Objects.of(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: "
                + "x".repeat(1 << 20)
                + "}}");
    String copies =
        IntStream.range(0, 3)
            .mapToObj(i -> "{\"op\":\"copy\",\"from\":\"/data/k\",\"path\":\"/data/k" + i + "\"}")
            .collect(Collectors.joining(",", "[", "]"));
    assertThat(refusal(before, copies))
        .isInstanceOfSatisfying(
            ApiError.Invalid.class,
            invalid ->
                assertThat(invalid.message())
                    .contains(
                        "Unable to complete the copy, the accumulated size increase of copy is"
                            + " 3145734, exceeding the limit 3145728"));
  }
}
