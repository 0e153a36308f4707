package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.admission.dynamic.Attempt;
import io.coxswain.controlplane.admission.dynamic.DynamicAdmission;
import io.coxswain.controlplane.admission.dynamic.MutatingPass;
import io.coxswain.controlplane.admission.dynamic.Operation;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Puts writes before the webhooks and policies that people configured. Nothing is made for a write
/// that none of them has to do with; what the registry writes by itself passes.
final class Gate {

  private static final String OPTIONS = "meta.k8s.io/v1";
  private static final JsonCodec JSON = new JsonCodec();

  private final Optional<DynamicAdmission> dynamic;

  Gate(Optional<DynamicAdmission> dynamic) {
    this.dynamic = dynamic;
  }

  /// Whether somebody may have to be asked about such writes.
  boolean concerns(ResourceType<?> type, String part, Operation operation, WriteOptions options) {
    return options.user().isPresent()
        && dynamic.isPresent()
        && dynamic.get().concerns(type, part, operation);
  }

  /// A write of an object or a part that shows the whole object.
  ///
  /// @return nothing when nobody has to be asked
  Optional<Attempt> attempt(
      ResourceType<?> type,
      String part,
      Operation operation,
      Optional<Message> before,
      Message object,
      WriteOptions options) {
    if (!concerns(type, part, operation, options)) {
      return Optional.empty();
    }
    ObjectMeta meta = ObjectMetas.read(before.orElse(object));
    Target target = new Target(type, meta.getNamespace(), meta.getName(), part);
    return Optional.of(
        attempt(
            target,
            operation,
            kindOf(type, object),
            before,
            Optional.of(object),
            options(operation, options),
            options));
  }

  private static Attempt attempt(
      Target target,
      Operation operation,
      ObjectKind kind,
      Optional<Message> before,
      Optional<Message> object,
      Optional<ObjectNode> operationOptions,
      WriteOptions options) {
    ResourceType<?> type = target.type();
    boolean namespace = type.group().isEmpty() && type.plural().equals("namespaces");
    return new Attempt(
        type,
        target.subresource(),
        operation,
        namespace ? target.name() : target.namespace(),
        target.name(),
        kind,
        object,
        before,
        options.dryRun(),
        operationOptions,
        options.user().orElseThrow(),
        options.notes());
  }

  private static ObjectKind kindOf(ResourceType<?> type, Message object) {
    return object.getClass().equals(type.prototype().getClass())
        ? new ObjectKind(type.group(), type.version(), type.kind())
        : Schema.api()
            .kindOf(object.getDescriptorForType())
            .orElseGet(() -> new ObjectKind(type.group(), type.version(), type.kind()));
  }

  /// What is made of an object by those who may change it.
  ///
  /// @param again completes an object that was changed, as it was completed before
  Message changed(Attempt attempt, Message object, UnaryOperator<Message> again) {
    MutatingPass pass = dynamic.orElseThrow().mutating();
    Attempt done = pass.run(attempt.with(object));
    if (pass.wantsMore()) {
      done = pass.rerun(done.with(again.apply(done.object().orElseThrow())));
    }
    return done.object().orElseThrow();
  }

  /// @throws io.coxswain.client.ApiException when somebody refuses it
  void judge(Optional<Attempt> attempt, Message object) {
    attempt.ifPresent(asked -> dynamic.orElseThrow().validate(asked.with(object)));
  }

  /// What is sent to a part that has a message of its own, as it comes out of admission.
  ///
  /// @param before the part as it is; nothing where it only happens
  /// @throws io.coxswain.client.ApiException when somebody refuses it
  <M extends Message> M part(
      Target target, Operation operation, Optional<Message> before, M sent, WriteOptions options) {
    if (!concerns(target.type(), target.subresource(), operation, options)) {
      return sent;
    }
    Attempt attempt =
        attempt(
            target,
            operation,
            kindOf(target.type(), sent),
            before,
            Optional.of(sent),
            operation == Operation.CONNECT ? Optional.empty() : options(operation, options),
            options);
    @SuppressWarnings("unchecked") // a changed message is one of its class
    M changed = (M) changed(attempt, sent, UnaryOperator.identity());
    judge(Optional.of(attempt), changed);
    return changed;
  }

  /// @throws io.coxswain.client.ApiException when somebody refuses that the object goes
  void deletion(KindStore kind, Message before, DeleteOptions how, WriteOptions options) {
    if (!concerns(kind.type(), "", Operation.DELETE, options)) {
      return;
    }
    ObjectMeta meta = ObjectMetas.read(before);
    ObjectNode told = JSON.toTree(how);
    told.put("kind", "DeleteOptions").put("apiVersion", OPTIONS);
    if (options.dryRun() && !told.has("dryRun")) {
      told.putArray("dryRun").add("All");
    }
    Attempt attempt =
        attempt(
            Target.of(kind.type(), meta.getNamespace(), meta.getName()),
            Operation.DELETE,
            kindOf(kind.type(), before),
            Optional.of(before),
            Optional.empty(),
            Optional.of(told),
            options);
    var _ = dynamic.orElseThrow().mutating().run(attempt);
    dynamic.orElseThrow().validate(attempt);
  }

  private static Optional<ObjectNode> options(Operation operation, WriteOptions options) {
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    told.put("kind", operation == Operation.CREATE ? "CreateOptions" : "UpdateOptions");
    told.put("apiVersion", OPTIONS);
    if (options.dryRun()) {
      told.putArray("dryRun").add("All");
    }
    if (!options.fieldManager().isEmpty()) {
      told.put("fieldManager", options.fieldManager());
    }
    switch (options.fieldValidation()) {
      case IGNORE -> told.put("fieldValidation", "Ignore");
      case STRICT -> told.put("fieldValidation", "Strict");
      case WARN -> {
        // what is meant when nothing is said
      }
    }
    return Optional.of(told);
  }
}
