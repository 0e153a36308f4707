package io.coxswain.controlplane.fieldset;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What the schema says of every kind can be walked.
class MessageShapesTest {

  @Test
  void everyKindHasAShapeThroughout() {
    List<String> kinds = new ArrayList<>();
    Set<Shape<Object>> seen = new HashSet<>();
    for (ResourceType<?> type : Schema.api().types()) {
      Shape.Fields<Object> shape = MessageShapes.of(type.prototype().getDescriptorForType());
      walk(shape, seen);
      kinds.add(type.kind());
      assertThat(shape.slot("metadata") != null || type.createOnly()).as(type.kind()).isTrue();
    }
    assertThat(kinds).contains("Pod", "Deployment", "EndpointSlice");
    assertThat(seen).hasSizeGreaterThan(300);
  }

  private static void walk(Shape<Object> shape, Set<Shape<Object>> seen) {
    if (!seen.add(shape)) {
      return;
    }
    switch (shape) {
      case Shape.Leaf<Object> _ -> {}
      case Shape.Elements<Object> elements -> walk(elements.item(), seen);
      case MessageMapShape map -> walk(map.value(), seen);
      case Shape.Fields<Object> fields ->
          fields.slots(null, null).forEach(slot -> walk(slot.shape(), seen));
    }
  }

  @Test
  void namesOfOneObjectAreSorted() {
    assertThat(MessageShapes.of(PodSpec.getDescriptor()).slots(null, null))
        .extracting(slot -> slot.element().name())
        .isSorted()
        .contains("containers", "nodeName");
  }
}
