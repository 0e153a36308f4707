package io.coxswain.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CommentsTest {

  /// Files whose every message and field is explained.
  private static final Set<String> COMPLETE =
      Set.of(
          "coxswain/api/apiextensions/v1/apiextensions.proto",
          "coxswain/api/apiregistration/v1/apiregistration.proto",
          "coxswain/api/apps/v1/apps.proto",
          "coxswain/api/coordination/v1/coordination.proto",
          "coxswain/api/core/v1/common.proto",
          "coxswain/api/core/v1/config.proto",
          "coxswain/api/core/v1/event.proto",
          "coxswain/api/core/v1/namespace.proto",
          "coxswain/api/core/v1/node.proto",
          "coxswain/api/core/v1/pod.proto",
          "coxswain/api/core/v1/service.proto",
          "coxswain/api/discovery/v1/discovery.proto",
          "coxswain/api/meta/v1/table.proto",
          "coxswain/api/resource/v1/resource.proto");

  private final Schema schema = Schema.api();

  @Test
  void tellsWhatAMessageAndAFieldAre() {
    assertThat(schema.comment(Pod.getDescriptor()))
        .startsWith("One or more containers that run together on one node")
        .endsWith("another controller.");
    assertThat(schema.comment(Container.getDescriptor().findFieldByName("image")))
        .contains("host:///");
  }

  @Test
  void nothingOfTheUsualKindsIsLeftUnexplained() {
    List<String> silent = new ArrayList<>();
    for (FileDescriptor file : schema.files()) {
      if (!COMPLETE.contains(file.getName())) {
        continue;
      }
      for (Descriptor message : file.getMessageTypes()) {
        if (schema.comment(message).isEmpty()) {
          silent.add(message.getFullName());
        }
        for (FieldDescriptor field : message.getFields()) {
          if (schema.comment(field).isEmpty()) {
            silent.add(field.getFullName());
          }
        }
      }
    }
    assertThat(silent).isEmpty();
  }
}
