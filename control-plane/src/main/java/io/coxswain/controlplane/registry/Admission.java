package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ManagedFieldsEntry;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.admission.dynamic.Attempt;
import io.coxswain.controlplane.admission.dynamic.Notes;
import io.coxswain.controlplane.admission.dynamic.Operation;
import io.coxswain.controlplane.admission.plugin.AdmissionRequest;
import io.coxswain.controlplane.admission.plugin.Charge;
import io.coxswain.controlplane.admission.plugin.PluginChain;
import io.coxswain.controlplane.admission.plugin.StoredObjects;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// What a write must pass before it is stored, in order: defaults, plug-ins that complete it, what
/// the system owns, the kind's strategy, validation, plug-ins that judge it. Reads, but writes
/// nothing.
final class Admission {

  private final Kinds kinds;
  private final FieldBooks fields;
  private final PluginChain plugins;
  private final Gate gate;
  private final StoredObjects objects;

  Admission(Kinds kinds, FieldBooks fields, PluginChain plugins, Gate gate) {
    this.kinds = kinds;
    this.fields = fields;
    this.plugins = plugins;
    this.gate = gate;
    this.objects = new PluginObjects(kinds);
  }

  Gate gate() {
    return gate;
  }

  /// @param named a new object whose metadata is complete
  /// @param generated whether its name was, which those who change it do not see
  /// @param books that its author gave it
  Message onCreate(
      KindStore kind,
      Message named,
      boolean generated,
      List<ManagedFieldsEntry> books,
      WriteOptions options) {
    Strategy strategy = kind.strategy();
    Message object = named;
    if (Metadata.hasStatus(kind.type()) && !strategy.keepsStatusOnCreate()) {
      object = Metadata.withStatusOf(object, kind.type().prototype());
    }
    object = fields.created(kind, kind.rules().defaulted(object), books, options);
    AdmissionRequest request =
        request(kind, "", Optional.empty(), object, options.dryRun(), options.notes());
    Optional<Attempt> attempt =
        gate.attempt(
            kind.type(),
            "",
            Operation.CREATE,
            Optional.empty(),
            unborn(object, generated),
            options);
    object = completed(kind, request);
    if (attempt.isPresent()) {
      object = changed(kind, request, attempt.get(), object, generated);
    }
    object = strategy.prepareCreate(strategy.authored(object, options.user()));
    List<ApiError.Cause> causes = new ArrayList<>(kind.rules().onCreate(object));
    more(causes, strategy.onCreate(object));
    refuse(kind.type(), object, causes);
    plugins.validate(request.with(object), objects);
    gate.judge(attempt, object);
    return object;
  }

  /// An object as it is before it is stored.
  private static Message unborn(Message object, boolean generated) {
    return ObjectMetas.edit(
        object,
        meta -> {
          meta.clearUid().clearCreationTimestamp();
          return generated ? meta.clearName() : meta;
        });
  }

  /// What webhooks and policies make of a new object. What the system owns stays.
  private Message changed(
      KindStore kind,
      AdmissionRequest request,
      Attempt attempt,
      Message object,
      boolean generated) {
    ObjectMeta born = ObjectMetas.read(object);
    Message changed =
        gate.changed(
            attempt, unborn(object, generated), again -> completed(kind, request.with(again)));
    return ObjectMetas.edit(
        changed,
        meta -> {
          meta.setUid(born.getUid()).setCreationTimestamp(born.getCreationTimestamp());
          if (!meta.getNamespace().equals(born.getNamespace())) {
            throw Refusals.badRequest(
                "the namespace of the provided object does not match the namespace sent on the"
                    + " request");
          }
          return meta.getName().isEmpty() ? meta.setName(born.getName()) : meta;
        });
  }

  private static AdmissionRequest request(
      KindStore kind,
      String subresource,
      Optional<Message> before,
      Message object,
      boolean dryRun,
      Notes notes) {
    ObjectMeta meta = ObjectMetas.read(object);
    return new AdmissionRequest(
        kind.type(),
        subresource,
        meta.getNamespace(),
        meta.getName(),
        before,
        object,
        dryRun,
        notes);
  }

  @SuppressWarnings("ReferenceEquality") // the same one: nothing was added that needs defaults
  private Message completed(KindStore kind, AdmissionRequest request) {
    Message completed = plugins.mutate(request, objects);
    return completed == request.object() ? completed : kind.rules().defaulted(completed);
  }

  /// @param part through which it is written; empty for the object itself
  Message onUpdate(
      KindStore kind, String part, Message before, Message wanted, WriteOptions options) {
    Message after = Metadata.forUpdate(before, kind.rules().defaulted(wanted));
    AdmissionRequest request =
        request(kind, part, Optional.of(before), after, options.dryRun(), options.notes());
    after = completed(kind, request);
    Optional<Attempt> attempt =
        part.equals(Parts.SCALE)
            ? Optional.empty() // asked about the scale
            : gate.attempt(
                kind.type(), part, Operation.UPDATE, Optional.of(before), after, options);
    if (attempt.isPresent()) {
      Message changed =
          gate.changed(attempt.get(), after, again -> completed(kind, request.with(again)));
      after = Metadata.forUpdate(before, changed);
    }
    if (Metadata.hasStatus(kind.type())) {
      after = Metadata.withStatusOf(after, before);
    }
    after = Metadata.counted(kind.type(), before, kind.strategy().prepareUpdate(before, after));
    List<ApiError.Cause> causes = new ArrayList<>(Metadata.onUpdate(before, after));
    causes.addAll(kind.rules().onUpdate(before, after));
    more(causes, kind.strategy().onUpdate(before, after));
    refuse(kind.type(), after, causes);
    plugins.validate(request.with(after), objects);
    gate.judge(attempt, after);
    return fields.updated(kind, part, before, after, wanted, options);
  }

  /// @param part `status`, or what else writes it
  Message onStatusUpdate(
      KindStore kind, String part, Message before, Message wanted, WriteOptions options) {
    Message after = statusWritten(kind, part, before, wanted);
    Optional<Attempt> attempt =
        gate.attempt(kind.type(), part, Operation.UPDATE, Optional.of(before), after, options);
    if (attempt.isPresent()) {
      Message changed = gate.changed(attempt.get(), after, UnaryOperator.identity());
      after = statusWritten(kind, part, before, changed);
    }
    refuse(kind.type(), after, kind.rules().onStatusUpdate(part, before, after));
    plugins.validateStatus(
        request(kind, part, Optional.of(before), after, options.dryRun(), options.notes()),
        objects);
    gate.judge(attempt, after);
    return fields.updated(kind, part, before, after, wanted, options);
  }

  private static Message statusWritten(
      KindStore kind, String part, Message before, Message wanted) {
    Message after = Metadata.withStatusOf(before, wanted);
    after = kind.strategy().prepareStatusUpdate(part, before, after);
    return marked(after, ObjectMetas.read(wanted), kind.strategy().writtenWithStatus());
  }

  private static Message marked(Message object, ObjectMeta wanted, Strategy.StatusMetadata what) {
    return switch (what) {
      case NOTHING -> object;
      case ANNOTATIONS -> ObjectMetas.edit(object, meta -> annotated(meta, wanted));
      case LABELS_AND_ANNOTATIONS ->
          ObjectMetas.edit(
              object,
              meta -> annotated(meta, wanted).clearLabels().putAllLabels(wanted.getLabelsMap()));
    };
  }

  private static ObjectMeta.Builder annotated(ObjectMeta.Builder meta, ObjectMeta wanted) {
    return meta.clearAnnotations().putAllAnnotations(wanted.getAnnotationsMap());
  }

  /// @param part [PodParts#EPHEMERAL] or [PodParts#RESIZE]
  Message onPodPartUpdate(
      KindStore kind, String part, Message before, Message wanted, WriteOptions options) {
    Pod old = (Pod) before;
    Pod pod = PodParts.written(part, old, (Pod) kind.rules().defaulted(wanted));
    Optional<Attempt> attempt =
        gate.attempt(kind.type(), part, Operation.UPDATE, Optional.of(before), pod, options);
    if (attempt.isPresent()) {
      Message changed = gate.changed(attempt.get(), pod, kind.rules()::defaulted);
      pod = PodParts.written(part, old, (Pod) changed);
    }
    Message after = Metadata.counted(kind.type(), before, pod);
    List<ApiError.Cause> causes = new ArrayList<>(kind.rules().onPartUpdate(part, before, after));
    causes.addAll(PodParts.onUpdate(part, old, pod));
    refuse(kind.type(), after, causes);
    plugins.validate(
        request(kind, part, Optional.of(before), after, options.dryRun(), options.notes()),
        objects);
    gate.judge(attempt, after);
    return fields.updated(kind, part, before, after, wanted, options);
  }

  /// @param part that a subresource of a namespace writes
  /// @throws io.coxswain.client.ApiException when something is wrong with it
  void checkPart(KindStore kind, String part, Message before, Message after) {
    refuse(kind.type(), after, kind.rules().onPartUpdate(part, before, after));
  }

  /// Takes from quotas what the write needs; the last thing before it is stored.
  ///
  /// @param before nothing for a new object
  Charge charge(KindStore kind, Optional<Message> before, Message object, boolean dryRun) {
    return plugins.charge(request(kind, "", before, object, dryRun, Notes.UNHEARD), objects);
  }

  /// @param before nothing for a new object
  List<String> warnings(KindStore kind, Optional<Message> before, Message object) {
    List<String> warnings = kind.rules().warnings(object);
    List<String> more =
        plugins.warnings(request(kind, "", before, object, false, Notes.UNHEARD), objects);
    return more.isEmpty() ? warnings : Stream.concat(warnings.stream(), more.stream()).toList();
  }

  Rules.Patched patched(KindStore kind, Message current, Patch patch, WriteOptions options) {
    return kind.rules().patched(current, patch, options);
  }

  Rules.Configuration configuration(
      KindStore kind, Message prototype, Patch patch, WriteOptions options) {
    return kind.rules().configuration(prototype, patch, options);
  }

  /// One cause for each field is enough.
  private static void more(List<ApiError.Cause> causes, List<ApiError.Cause> found) {
    List<ApiError.Cause> known = List.copyOf(causes);
    for (ApiError.Cause cause : found) {
      if (known.stream().noneMatch(one -> one.field().equals(cause.field()))) {
        causes.add(cause);
      }
    }
  }

  private static void refuse(ResourceType<?> type, Message object, List<ApiError.Cause> causes) {
    if (!causes.isEmpty()) {
      throw Refusals.invalid(type, ObjectMetas.read(object).getName(), causes);
    }
  }

  /// New objects need a namespace that is there to stay. The cache may not have a namespace that
  /// was made a moment ago by another server, so the store has the last word on absence.
  ///
  /// @throws io.coxswain.client.ApiException with NotFound or Forbidden
  void requireNamespace(ResourceType<?> type, String namespace, String name) {
    KindStore namespaces = kinds.of(Namespace.class);
    ObjectKey key = new ObjectKey("", namespace);
    Message found = namespaces.cache().find(key).orElseGet(() -> namespaces.require(key)).message();
    if (ObjectMetas.isDeleting(found)) {
      throw Refusals.forbidden(
          type,
          name,
          "unable to create new content in namespace "
              + namespace
              + " because it is being terminated",
          new ApiError.Cause(
              ApiError.NAMESPACE_TERMINATING,
              "metadata.namespace",
              "namespace " + namespace + " is being terminated"));
    }
  }
}
