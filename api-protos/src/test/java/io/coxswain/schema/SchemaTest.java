package io.coxswain.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.Descriptors.FileDescriptor;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.core.v1.ConfigMapKeySelector;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodList;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.schema.options.ListType;
import io.coxswain.schema.options.PatchStrategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaTest {

  private final Schema schema = Schema.api();

  @Test
  void everyFileIsListed() throws IOException {
    Path root = Path.of("src/main/proto");
    try (var files = Files.walk(root.resolve("coxswain/api"))) {
      List<String> written =
          files
              .filter(file -> file.toString().endsWith(".proto"))
              .map(file -> root.relativize(file).toString())
              .toList();
      assertThat(ApiFiles.ALL.stream().map(FileDescriptor::getName))
          .containsExactlyInAnyOrderElementsOf(written);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "po, v1 Pod",
    "pods, v1 Pod",
    "Pod, v1 Pod",
    "deploy, apps/v1 Deployment",
    "deployments.apps, apps/v1 Deployment",
    "deployment.v1.apps, apps/v1 Deployment",
    "events, v1 Event",
    "ev, v1 Event",
    "events.events.k8s.io, events.k8s.io/v1 Event",
    "hpa, autoscaling/v2 HorizontalPodAutoscaler",
    "endpointslices, discovery.k8s.io/v1 EndpointSlice",
    "lease, coordination.k8s.io/v1 Lease",
  })
  void findsAKindByWhatPeopleCallIt(String name, String expected) {
    assertThat(schema.findNamed(name))
        .hasValueSatisfying(type -> assertThat(type).hasToString(expected));
  }

  @Test
  void findsAKindByPathAndByKind() {
    assertThat(schema.find("apps", "v1", "deployments"))
        .contains(ResourceType.of(Deployment.class));
    assertThat(schema.findKind("", "v1", "Pod")).contains(ResourceType.of(Pod.class));
    assertThat(schema.find("apps", "v2", "deployments")).isEmpty();
    assertThat(schema.findKind("", "v1", "Status")).as("has no path").isEmpty();
    assertThat(schema.message(ObjectKind.of("autoscaling/v1", "Scale"))).isPresent();
    assertThat(schema.message(ObjectKind.of("v1", "PodList")))
        .contains(PodList.getDefaultInstance());
  }

  @Test
  void namesWhatStandsOnItsOwn() {
    assertThat(schema.kindOf(Pod.getDescriptor())).contains(new ObjectKind("", "v1", "Pod"));
    assertThat(schema.kindOf(PodSpec.getDescriptor())).isEmpty();
    assertThat(schema.listOf(ResourceType.of(Pod.class))).isEqualTo(PodList.getDefaultInstance());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schema.listOf(schema.findNamed("bindings").orElseThrow()))
        .withMessageContaining("Binding");
  }

  @Test
  void everyKindThatIsStoredHasAList() {
    assertThat(schema.types())
        .filteredOn(type -> !type.createOnly())
        .allSatisfy(type -> assertThat(schema.listOf(type)).isNotNull());
  }

  @Test
  void readsWhatAFieldPromises() {
    FieldSchema containers =
        MessageSchema.of(PodSpec.getDescriptor()).field("containers").orElseThrow();
    assertThat(containers.required()).isTrue();
    assertThat(containers.isList()).isTrue();
    assertThat(containers.listType()).isEqualTo(ListType.MAP);
    assertThat(containers.listMapKeys()).containsExactly("name");
    assertThat(containers.mergeKey()).isEqualTo("name");
    assertThat(containers.patchStrategies()).containsExactly(PatchStrategy.MERGE);
    FieldSchema labels =
        MessageSchema.of(Pod.getDescriptor())
            .field("metadata")
            .orElseThrow()
            .message()
            .field("labels")
            .orElseThrow();
    assertThat(labels.isMap()).isTrue();
    assertThat(labels.isList()).isFalse();
    assertThat(labels.holdsMessages()).isFalse();
  }

  @Test
  void inlinedFieldsStandInTheirParent() {
    MessageSchema selector = MessageSchema.of(ConfigMapKeySelector.getDescriptor());
    assertThat(selector.jsonFields().keySet()).containsExactly("name", "key", "optional");
    assertThat(selector.jsonFields().get("name").inlined())
        .extracting(FieldSchema::jsonName)
        .containsExactly("localObjectReference");
    assertThat(MessageSchema.of(Volume.getDescriptor()).jsonFields())
        .containsKeys("name", "emptyDir", "configMap")
        .doesNotContainKey("volumeSource");
  }
}
