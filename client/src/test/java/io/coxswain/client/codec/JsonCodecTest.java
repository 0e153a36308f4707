package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.core.v1.Pod;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonCodecTest {

  private final JsonCodec codec = new JsonCodec();

  private static byte[] bytes(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void roundTrip() {
    byte[] json =
        bytes(
            "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a','labels':{'z':'1','a':'2'}},'spec':{'volumes':[{'name':'v','emptyDir':{}},{'name':'c','configMap':{'name':'x'}}],'containers':[{'name':'c','image':'i','resources':{'limits':{'memory':'1024Mi','cpu':0.5}},'ports':[{'containerPort':80}],'livenessProbe':{'httpGet':{'port':'http'}}}]}}");
    Pod pod = codec.decode(json, Pod.getDefaultInstance(), Strictness.STRICT).message();
    assertThat(new String(codec.encode(pod), StandardCharsets.UTF_8))
        .isEqualTo(
            new String(
                bytes(
                    "{'kind':'Pod','apiVersion':'v1','metadata':{'name':'a','labels':{'a':'2','z':'1'}},'spec':{'volumes':[{'name':'v','emptyDir':{}},{'name':'c','configMap':{'name':'x'}}],'containers':[{'name':'c','image':'i','ports':[{'containerPort':80}],'resources':{'limits':{'cpu':'500m','memory':'1Gi'}},'livenessProbe':{'httpGet':{'port':'http'}}}]},'status':{}}"),
                StandardCharsets.UTF_8));
    assertThat(
            codec.decode(codec.toTree(pod), Pod.getDefaultInstance(), Strictness.STRICT).message())
        .isEqualTo(pod);
  }

  @Test
  void strict() {
    byte[] json =
        bytes(
            "{'spec':{'foo':1,'replicas':1,'replicas':2,'template':{'spec':{'containers':[{'bar':{}}]}}}}");
    assertThatThrownBy(() -> codec.decode(json, Deployment.getDefaultInstance(), Strictness.STRICT))
        .hasMessage(
            "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error:"
                + " unknown field \"spec.foo\", duplicate field \"spec.replicas\", unknown field"
                + " \"spec.template.spec.containers[0].bar\"");
    assertThat(codec.decode(json, Deployment.getDefaultInstance(), Strictness.WARN).warnings())
        .hasSize(3);
  }
}
