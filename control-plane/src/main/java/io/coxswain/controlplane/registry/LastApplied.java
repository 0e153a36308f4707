package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.fieldset.Comparison;
import io.coxswain.controlplane.fieldset.Configuration;
import io.coxswain.controlplane.fieldset.FieldSet;
import io.coxswain.controlplane.fieldset.MessageShapes;
import io.coxswain.controlplane.fieldset.Shape;
import io.coxswain.custom.CustomObject;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The annotation in which kubectl notes what it applied by itself, before servers could. Who goes
/// over to server-side apply, or back, must not stumble over what he wrote himself.
final class LastApplied {

  private static final String KUBECTL = "kubectl";
  private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";
  private static final JsonCodec CODEC = new JsonCodec();

  private LastApplied() {}

  private static String annotation(Message object) {
    return ObjectMetas.read(object).getAnnotationsOrDefault(ANNOTATION, "");
  }

  /// The fields that kubectl wrote by client-side apply and that are still as it wrote them: it may
  /// take them from whoever is booked for them.
  static FieldSet granted(String manager, Message live) {
    String last = annotation(live);
    if (!manager.equals(KUBECTL) || last.isEmpty() || live instanceof CustomObject) {
      return FieldSet.EMPTY;
    }
    Shape.Fields<Object> shape = MessageShapes.of(live.getDescriptorForType());
    try {
      Message applied =
          CODEC
              .decode(
                  last.getBytes(StandardCharsets.UTF_8),
                  live.getDefaultInstanceForType(),
                  Strictness.IGNORE)
              .message();
      Comparison since = Comparison.of(shape, applied, live);
      return Configuration.fields(shape, applied)
          .difference(since.written())
          .difference(since.removed());
    } catch (ApiException | Configuration.AmbiguousException _) {
      // An annotation that says nothing grants nothing.
      return FieldSet.EMPTY;
    }
  }

  /// The annotation, where there is one, says what kubectl applied now.
  static Message renewed(String manager, Message object, String json) {
    if (!manager.equals(KUBECTL) || annotation(object).isEmpty() || json.isEmpty()) {
      return object;
    }
    String text = withoutItself(json);
    return ObjectMetas.edit(object, meta -> meta.putAnnotations(ANNOTATION, text));
  }

  private static String withoutItself(String json) {
    JsonNode tree = CODEC.readTree(json.getBytes(StandardCharsets.UTF_8));
    if (tree.path("metadata").path("annotations") instanceof ObjectNode annotations) {
      annotations.remove(ANNOTATION);
    }
    return new String(CODEC.writeTree(tree), StandardCharsets.UTF_8) + "\n";
  }
}
