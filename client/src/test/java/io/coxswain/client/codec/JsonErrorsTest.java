package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.apps.v1.ControllerRevision;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonErrorsTest {

  private final JsonCodec codec = new JsonCodec();

  private Decoded<Pod> read(String json, Strictness strictness) {
    return codec.decode(
        json.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
        Pod.getDefaultInstance(),
        strictness);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'spec':{'hostNetwork':'yes'}} | json: cannot unmarshal string into field spec.hostNetwork of type bool",
        "{'spec':{'hostNetwork':1}} | json: cannot unmarshal number into field spec.hostNetwork of type bool",
        "{'spec':{'nodeName':5}} | json: cannot unmarshal number into field spec.nodeName of type string",
        "{'spec':{'nodeName':true}} | json: cannot unmarshal bool into field spec.nodeName of type string",
        "{'spec':{'nodeName':{}}} | json: cannot unmarshal object into field spec.nodeName of type string",
        "{'spec':{'priority':'5'}} | json: cannot unmarshal string into field spec.priority of type int32",
        "{'spec':{'priority':5.5}} | json: cannot unmarshal number into field spec.priority of type int32",
        "{'spec':{'priority':3000000000}} | json: cannot unmarshal number 3000000000 into field spec.priority of type int32",
        "{'spec':{'activeDeadlineSeconds':99999999999999999999}} | json: cannot unmarshal number 99999999999999999999 into field spec.activeDeadlineSeconds of type int64",
        "{'spec':{'containers':{}}} | json: cannot unmarshal object into field spec.containers of type a list of Container",
        "{'spec':{'containers':['x']}} | json: cannot unmarshal string into field spec.containers[0] of type Container",
        "{'spec':[]} | json: cannot unmarshal array into field spec of type PodSpec",
        "{'metadata':{'labels':['a']}} | json: cannot unmarshal array into field metadata.labels of type a map of string to string",
        "{'metadata':{'labels':{'a':1}}} | json: cannot unmarshal number into field metadata.labels.a of type string",
        "{'metadata':{'creationTimestamp':'yesterday'}} | metadata.creationTimestamp: cannot parse \"yesterday\" as a time",
        "{'spec':{'containers':[{'resources':{'limits':{'cpu':'1x'}}}]}} | spec.containers[0].resources.limits.cpu: quantities must match the regular expression",
        "{'spec':{'containers':[{'livenessProbe':{'httpGet':{'port':true}}}]}} | json: cannot unmarshal bool into field spec.containers[0].livenessProbe.httpGet.port of type int or string",
        "[] | expected a JSON object",
        "{'a' | not valid JSON: Unexpected end-of-input",
        "{} {} | unexpected data after the end of the object",
        "{'kind':'Node'} | the kind in the data (Node) does not match the expected kind (Pod)",
        "{'apiVersion':'v2'} | the API version in the data (v2) does not match the expected API version (v1)",
        "{'kind':7} | json: cannot unmarshal number into field kind of type string",
      })
  void saysWhatIsWrongAndWhere(String json, String message) {
    assertThatThrownBy(() -> read(json, Strictness.IGNORE))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining(message);
  }

  @Test
  void nullInAListIsAnEmptyItem() {
    Pod pod =
        read("{'spec':{'containers':[null,{'command':[null]}]}}", Strictness.STRICT).message();
    assertThat(pod.getSpec().getContainersCount()).isEqualTo(2);
    assertThat(pod.getSpec().getContainers(1).getCommandList()).containsExactly("");
  }

  @Test
  void halfACharacterIsReplaced() {
    Pod pod =
        read("{'metadata':{'name':'a\\ud800','labels':{'k':'\\ud83d\\ude00'}}}", Strictness.STRICT)
            .message();
    assertThat(pod.getMetadata().getName()).isEqualTo("a\ufffd");
    assertThat(pod.getMetadata().getLabelsMap()).containsExactly(Map.entry("k", "😀"));
    assertThat(codec.readTree("[\"\\ud800x\"]".getBytes(StandardCharsets.UTF_8)))
        .hasToString("[\"\ufffdx\"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e999", "[-1e999]"})
  void numbersThatNothingHoldsAreRefused(String number) {
    byte[] document = ("{\"data\":{\"x\":" + number + "}}").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> codec.readTree(document)).hasMessageContaining("is too large");
    assertThatThrownBy(() ->
            codec.decode(document, ControllerRevision.getDefaultInstance(), Strictness.IGNORE))
        .hasMessageContaining("is too large");
  }

  @Test
  void whatIsTooDeepIsSaidWithoutAPlace() {
    byte[] deep = "{\"a\":".repeat(5000).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> codec.readTree(deep))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("depth");
  }

  @Test
  void theEmptyBodyIsNoObject() {
    assertThatThrownBy(() -> read("", Strictness.WARN)).hasMessageContaining("the body is empty");
  }

  @Test
  void tellsEverythingAtOnce() {
    assertThatThrownBy(() ->
            read(
                "{'spec':{'hostNetwork':1,'nodeName':2,'foo':3,'containers':[{'name':4},{'tty':'x','bar':1}]}}",
                Strictness.STRICT))
        .hasMessageContaining("spec.hostNetwork")
        .hasMessageContaining("spec.nodeName")
        .hasMessageContaining("spec.containers[0].name")
        .hasMessageContaining("spec.containers[1].tty")
        .hasMessageContaining("unknown field \"spec.foo\"")
        .hasMessageContaining("unknown field \"spec.containers[1].bar\"");
  }

  @Test
  void strayFieldsAsAsked() {
    String json =
        "{'spec':{'foo':1,'nodeName':'a','nodeName':'b'},'metadata':{'labels':{'x':'1','x':'2'}}}";
    assertThatThrownBy(() -> read(json, Strictness.STRICT))
        .hasMessage(
            "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown field"
                + " \"spec.foo\", duplicate field \"spec.nodeName\", duplicate field"
                + " \"metadata.labels.x\"");
    assertThat(read(json, Strictness.WARN).warnings())
        .containsExactly(
            "unknown field \"spec.foo\"",
            "duplicate field \"spec.nodeName\"",
            "duplicate field \"metadata.labels.x\"");
    assertThat(read(json, Strictness.IGNORE).warnings()).isEmpty();
    assertThat(read(json, Strictness.IGNORE).message().getSpec().getNodeName()).isEqualTo("b");
  }

  @Test
  void nullIsAbsent() {
    Pod pod =
        read(
                "{'spec':null,'metadata':{'name':null,'labels':{'a':null},'creationTimestamp':null}}",
                Strictness.STRICT)
            .message();
    assertThat(pod.hasSpec()).isFalse();
    assertThat(pod.getMetadata().hasCreationTimestamp()).isFalse();
    assertThat(pod.getMetadata().getLabelsMap()).containsEntry("a", "");
  }

  @Test
  void boundsDepthAndSize() {
    String deep = "{'x':".repeat(300) + "1" + "}".repeat(300);
    assertThatThrownBy(() -> read(deep, Strictness.WARN))
        .hasMessageContaining("too deep or too long");
    assertThatThrownBy(
            () -> new JsonCodec(10).decode(new byte[11], Pod.getDefaultInstance(), Strictness.WARN))
        .hasMessageContaining("at most 10");
  }

  @Test
  void problemsAreCountedNotPiledUp() {
    String json = "{'spec':{" + "'foo':1,".repeat(1000) + "'bar':2}}";
    assertThat(read(json, Strictness.WARN).warnings()).hasSize(51).last().isEqualTo("and 951 more");
  }

  @Test
  void absentAndZeroDifferWhereTheApiSaysSo() {
    Pod pod =
        read(
                "{'spec':{'priority':0,'hostNetwork':false,'terminationGracePeriodSeconds':0}}",
                Strictness.STRICT)
            .message();
    assertThat(pod.getSpec().hasPriority()).isTrue();
    assertThat(new String(codec.encode(pod), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{},\"spec\":{\"containers\":[],"
                + "\"terminationGracePeriodSeconds\":0,\"priority\":0},\"status\":{}}");
  }
}
