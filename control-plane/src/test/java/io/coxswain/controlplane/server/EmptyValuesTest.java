package io.coxswain.controlplane.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EmptyDirVolumeSource;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSecurityContext;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import org.junit.jupiter.api.Test;

class EmptyValuesTest {

  private static final JsonCodec JSON = new JsonCodec();

  private static Pod.Builder pod() {
    Pod.Builder pod = Pod.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("a"));
    pod.getSpecBuilder().addContainers(Container.newBuilder().setName("c"));
    return pod;
  }

  @Test
  void aPodIsTheSameInProtobufAndInJson() {
    Pod.Builder sent = pod().setStatus(PodStatus.getDefaultInstance());
    sent.getMetadataBuilder().setCreationTimestamp(Time.getDefaultInstance());
    sent.getSpecBuilder()
        .getContainersBuilder(0)
        .setResources(ResourceRequirements.getDefaultInstance());
    sent.getSpecBuilder().addVolumesBuilder().setName("v").getVolumeSourceBuilder();

    Message stored = EmptyValues.dropped(sent.build());

    Message same =
        JSON.decode(JSON.encode(stored), Pod.getDefaultInstance(), Strictness.STRICT).message();
    assertThat(stored).isEqualTo(same).isNotEqualTo(sent.build());
    assertThat(((Pod) stored).getSpec().getContainers(0).hasResources()).isFalse();
  }

  @Test
  void whatMeansSomethingByBeingThereStays() {
    Pod.Builder sent = pod();
    sent.getSpecBuilder().setSecurityContext(PodSecurityContext.getDefaultInstance());
    sent.getSpecBuilder()
        .addVolumesBuilder()
        .setName("v")
        .getVolumeSourceBuilder()
        .setEmptyDir(EmptyDirVolumeSource.getDefaultInstance());
    Pod pod = sent.build();
    assertThat(EmptyValues.dropped(pod)).isSameAs(pod);
  }
}
