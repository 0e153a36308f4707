package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.api.policy.v1.Eviction;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.admission.dynamic.Operation;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Subresources that are more than a view of the object.
final class Parts {

  private static final Status DONE = Status.newBuilder().setStatus("Success").setCode(201).build();

  static final String SCALE = "scale";

  private static final JsonCodec JSON = new JsonCodec();

  private final Kinds kinds;
  private final Admission admission;
  private final FieldBooks books;
  private final Writes writes;
  private final Evictions evictions;
  private final InstantSource clock;

  Parts(
      Kinds kinds,
      Admission admission,
      FieldBooks books,
      Writes writes,
      Evictions evictions,
      InstantSource clock) {
    this.kinds = kinds;
    this.admission = admission;
    this.books = books;
    this.writes = writes;
    this.evictions = evictions;
    this.clock = clock;
  }

  Message read(Target target) {
    if (!isScale(target)) {
      throw Refusals.noPart(target);
    }
    KindStore kind = kinds.of(target.type());
    return kind.strategy().scale(kind.require(target.key()).message());
  }

  Written create(Target target, Message body, WriteOptions options) {
    boolean onPod = target.type().qualifiedPlural().equals("pods");
    if (onPod && target.subresource().equals("binding") && body instanceof Binding sent) {
      Binding binding = admitted(target, sent, options);
      var _ =
          writes.modify(
              kinds.of(Pod.class),
              target.key(),
              options,
              pod -> Binder.bound(target, (Pod) pod, binding, clock.instant()));
      return new Written(DONE, true, List.of());
    }
    if (onPod && target.subresource().equals("eviction") && body instanceof Eviction eviction) {
      evictions.evict(target, admitted(target, eviction, options), options);
      return new Written(DONE, true, List.of());
    }
    throw Refusals.noPart(target);
  }

  private <M extends Message> M admitted(Target target, M sent, WriteOptions options) {
    return admission.gate().part(target, Operation.CREATE, Optional.empty(), sent, options);
  }

  Written update(Target target, Message body, WriteOptions options) {
    if (isScale(target) && body instanceof Scale scale) {
      return scaled(target, scale, options);
    }
    if (isFinalize(target) && body instanceof Namespace namespace) {
      return finalized(target, namespace, options);
    }
    throw Refusals.noPart(target);
  }

  Written patch(Target target, Patch patch, WriteOptions options) {
    if (!isScale(target)) {
      throw Refusals.noPart(target);
    }
    if (patch.type() == Patch.Type.APPLY) {
      return appliedScale(target, patch, options);
    }
    KindStore kind = kinds.of(target.type());
    Message after =
        writes.modify(
            kind,
            target.key(),
            SCALE,
            options,
            before -> {
              Scale wanted =
                  (Scale)
                      admission
                          .patched(kind, kind.strategy().scale(before), patch, options)
                          .object();
              checkVersion(target, before, wanted.getMetadata());
              return scaled(kind, target, before, wanted, options);
            });
    return new Written(kind.strategy().scale(after), false, List.of());
  }

  private Written scaled(Target target, Scale scale, WriteOptions options) {
    KindStore kind = kinds.of(target.type());
    Message after =
        writes.modify(
            kind,
            target.key(),
            SCALE,
            options,
            before -> {
              checkVersion(target, before, scale.getMetadata());
              return scaled(kind, target, before, scale, options);
            });
    return new Written(kind.strategy().scale(after), false, List.of());
  }

  private Message scaled(
      KindStore kind, Target target, Message before, Scale wanted, WriteOptions options) {
    Optional<Message> old = Optional.of(kind.strategy().scale(before));
    Scale scale = admission.gate().part(target, Operation.UPDATE, old, wanted, options);
    return admission.onUpdate(kind, SCALE, before, kind.strategy().scaled(before, scale), options);
  }

  private Written appliedScale(Target target, Patch patch, WriteOptions options) {
    KindStore kind = kinds.of(target.type());
    Rules.Configuration config =
        admission.configuration(kind, Scale.getDefaultInstance(), patch, options);
    Scale scale = (Scale) config.object();
    boolean counted =
        JSON.readTree(config.json().getBytes(StandardCharsets.UTF_8)).path("spec").has("replicas");
    WriteOptions kept = options.keeping(WriteOptions.Bookkeeping.DONE);
    Message after =
        writes.modify(
            kind,
            target.key(),
            SCALE,
            kept,
            before -> {
              checkVersion(target, before, scale.getMetadata());
              Rules.Configuration replicas =
                  new Rules.Configuration(claimed(kind, scale, counted), "", List.of());
              Message laid = books.applied(kind, target, before, replicas, options);
              var _ =
                  admission
                      .gate()
                      .part(
                          target,
                          Operation.UPDATE,
                          Optional.of(kind.strategy().scale(before)),
                          kind.strategy().scale(laid),
                          options);
              return admission.onUpdate(kind, SCALE, before, laid, kept);
            });
    return new Written(kind.strategy().scale(after), false, config.warnings());
  }

  /// What applying a scale claims of the workload.
  ///
  /// @param counted whether the scale says how many, which may be none
  private static Message claimed(KindStore kind, Scale scale, boolean counted) {
    Message named =
        ObjectMetas.edit(
            (Message) kind.type().prototype(), meta -> meta.setName(scale.getMetadata().getName()));
    return counted ? kind.strategy().scaled(named, scale) : named;
  }

  /// Whoever has emptied a namespace says so by taking its finalizer away.
  private Written finalized(Target target, Namespace wanted, WriteOptions options) {
    KindStore kind = kinds.of(Namespace.class);
    Message after =
        writes.modify(
            kind,
            target.key(),
            options,
            before -> {
              checkVersion(target, before, wanted.getMetadata());
              Namespace changed =
                  ((Namespace) before).toBuilder().setSpec(wanted.getSpec()).build();
              Namespace admitted =
                  admission
                      .gate()
                      .part(target, Operation.UPDATE, Optional.of(before), changed, options);
              admission.checkPart(kind, "finalize", before, admitted);
              return admitted;
            });
    return new Written(after, false, List.of());
  }

  private static void checkVersion(Target target, Message before, ObjectMeta wanted) {
    String version = wanted.getResourceVersion();
    ObjectMeta now = ObjectMetas.read(before);
    if (!version.isEmpty() && !version.equals(now.getResourceVersion())) {
      throw Refusals.conflict(target.type(), target.name(), Refusals.MODIFIED);
    }
    if (!wanted.getUid().isEmpty() && !wanted.getUid().equals(now.getUid())) {
      throw Refusals.conflict(
          target.type(), target.name(), "Precondition failed: the UID is another one");
    }
  }

  private static boolean isScale(Target target) {
    return target.subresource().equals(SCALE) && target.type().subresources().contains(SCALE);
  }

  private static boolean isFinalize(Target target) {
    return target.subresource().equals("finalize")
        && target.type().qualifiedPlural().equals("namespaces");
  }
}
