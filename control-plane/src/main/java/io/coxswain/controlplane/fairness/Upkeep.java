package io.coxswain.controlplane.fairness;

import com.google.protobuf.Message;
import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.FlowSchemaCondition;
import io.coxswain.api.flowcontrol.v1.FlowSchemaStatus;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfigurationSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.ObjectMetas;
import java.util.Optional;

/// What has to be changed of a stored object of flow control. Pure.
///
/// The annotation `apf.kubernetes.io/autoupdate-spec` says whether the server keeps the spec as it
/// has it: always for the mandatory objects; for the others when it says "true", or says nothing on
/// an object that nobody has changed since it was made.
final class Upkeep {

  static final String DANGLING = "Dangling";

  private Upkeep() {}

  /// The object as it should be; nothing when it is so already.
  static Optional<FlowSchema> of(FlowSchema present, FlowSchema wanted) {
    boolean keeps = keeps(present.getMetadata());
    FlowSchema.Builder after = present.toBuilder().setMetadata(marked(present, keeps));
    if (keeps) {
      after.setSpec(wanted.getSpec());
    }
    return changed(present, after.build());
  }

  /// The object as it should be; nothing when it is so already.
  static Optional<PriorityLevelConfiguration> of(
      PriorityLevelConfiguration present, PriorityLevelConfiguration wanted) {
    boolean keeps = keeps(present.getMetadata());
    PriorityLevelConfiguration.Builder after =
        present.toBuilder().setMetadata(marked(present, keeps));
    if (keeps) {
      PriorityLevelConfigurationSpec.Builder spec = wanted.getSpec().toBuilder();
      if (present.getMetadata().getName().equals(FlowObjects.EXEMPT)
          && present.getSpec().hasExempt()) {
        spec.setExempt(present.getSpec().getExempt()); // the administrator's to set
      }
      after.setSpec(spec);
    }
    return changed(present, after.build());
  }

  private static <M extends Message> Optional<M> changed(M before, M after) {
    return after.equals(before) ? Optional.empty() : Optional.of(after);
  }

  private static boolean keeps(ObjectMeta meta) {
    if (FlowObjects.isMandatory(meta.getName())) {
      return true;
    }
    return switch (meta.getAnnotationsOrDefault(FlowObjects.AUTO_UPDATE, "")) {
      case "true" -> true;
      case "false" -> false;
      default -> meta.getGeneration() <= 1;
    };
  }

  private static ObjectMeta marked(Message present, boolean keeps) {
    return ObjectMetas.read(present).toBuilder()
        .putAnnotations(FlowObjects.AUTO_UPDATE, Boolean.toString(keeps))
        .build();
  }

  /// Whether the object was the server's in another version, and is no more.
  static boolean isLeftOver(ObjectMeta meta, boolean wanted) {
    return !wanted && meta.getAnnotationsOrDefault(FlowObjects.AUTO_UPDATE, "").equals("true");
  }

  /// The condition that says whether the schema's level is there, without the time of its change;
  /// nothing when it is said already.
  static Optional<FlowSchemaCondition> dangling(FlowSchema schema, boolean levelExists) {
    String level = schema.getSpec().getPriorityLevelConfiguration().getName();
    String about =
        "This FlowSchema references the PriorityLevelConfiguration object named \"" + level + "\"";
    FlowSchemaCondition wanted =
        FlowSchemaCondition.newBuilder()
            .setType(DANGLING)
            .setStatus(levelExists ? "False" : "True")
            .setReason(levelExists ? "Found" : "NotFound")
            .setMessage(about + (levelExists ? " and it exists" : " but there is no such object"))
            .build();
    boolean said =
        schema.getStatus().getConditionsList().stream()
            .map(one -> one.toBuilder().clearLastTransitionTime().build())
            .anyMatch(wanted::equals);
    return said ? Optional.empty() : Optional.of(wanted);
  }

  static FlowSchema with(FlowSchema schema, FlowSchemaCondition condition) {
    FlowSchemaStatus.Builder status = FlowSchemaStatus.newBuilder();
    schema.getStatus().getConditionsList().stream()
        .filter(one -> !one.getType().equals(condition.getType()))
        .forEach(status::addConditions);
    return schema.toBuilder().setStatus(status.addConditions(condition)).build();
  }
}
