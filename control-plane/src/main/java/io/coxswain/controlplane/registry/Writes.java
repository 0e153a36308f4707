package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.admission.dynamic.Operation;
import io.coxswain.controlplane.admission.plugin.Charge;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

/// Create, update and patch. Each is computed on the newest version and stored only if that is
/// still the newest; who did not name a version has it computed again.
final class Writes {

  /// How often a write that names no version is computed again when somebody else was faster. One
  /// of the writers always gets through, so this many lost races mean a very hot object.
  private static final int TRIES = 64;

  private static final int NAME_TRIES = 8;

  private final Kinds kinds;
  private final Admission admission;
  private final FieldBooks books;
  private final Names names;
  private final InstantSource clock;

  Writes(Kinds kinds, Admission admission, FieldBooks books, Names names, InstantSource clock) {
    this.kinds = kinds;
    this.admission = admission;
    this.books = books;
    this.names = names;
    this.clock = clock;
  }

  Written create(Target target, Message body, WriteOptions options) {
    KindStore kind = kinds.of(target.type());
    ObjectMeta meta = ObjectMetas.read(body);
    String namespace = namespaceOf(target, meta);
    if (!target.name().isEmpty() && !meta.getName().isEmpty()) {
      requireSameName(target, meta);
    }
    boolean generated = meta.getName().isEmpty();
    if (generated && meta.getGenerateName().isEmpty()) {
      throw Refusals.invalid(
          target.type(),
          "",
          List.of(
              new ApiError.Cause(
                  "FieldValueRequired",
                  "metadata.name",
                  "Required value: name or generateName is required")));
    }
    for (int i = 1; ; i++) {
      String name = generated ? names.generate(meta.getGenerateName()) : meta.getName();
      Optional<Written> made = create(kind, namespace, name, body, options);
      if (made.isPresent()) {
        return made.get();
      }
      if (!generated || i == NAME_TRIES) {
        throw Refusals.alreadyExists(target.type(), name);
      }
    }
  }

  private Optional<Written> create(
      KindStore kind, String namespace, String name, Message body, WriteOptions options) {
    Strategy strategy = kind.strategy();
    boolean counted = strategy.countsGenerations() && Metadata.hasWish(body);
    Message named =
        Metadata.forCreate(body, namespace, name, names.uid(), clock.instant(), counted);
    if (kind.type().namespaced()) {
      admission.requireNamespace(kind.type(), namespace, name);
    }
    ObjectMeta sent = ObjectMetas.read(body);
    Message object =
        admission.onCreate(
            kind, named, sent.getName().isEmpty(), sent.getManagedFieldsList(), options);
    if (!sent.getResourceVersion().isEmpty()) {
      // Behind admission: who may not create it is not to be told what would be wrong with it.
      throw Refusals.badRequest("resourceVersion should not be set on objects to be created");
    }
    ObjectKey key = new ObjectKey(namespace, ObjectMetas.read(object).getName());
    List<String> warnings = admission.warnings(kind, Optional.empty(), object);
    if (options.dryRun()) {
      if (kind.find(key).isPresent()) {
        return Optional.empty();
      }
      Message ready = strategy.claimCreate(object, true).object();
      var _ = admission.charge(kind, Optional.empty(), ready, true);
      return Optional.of(new Written(ready, true, warnings));
    }
    return stored(
            strategy.claimCreate(object, false),
            ready -> charged(kind, Optional.empty(), ready, () -> kind.create(key, ready)))
        .map(made -> new Written(made, true, warnings));
  }

  /// Quotas are charged first. They get it back when the write is known not to have been made;
  /// where nobody knows, whoever counts them anew finds out.
  private Optional<Message> charged(
      KindStore kind, Optional<Message> before, Message ready, Supplier<Optional<Message>> write) {
    Charge charge = admission.charge(kind, before, ready, false);
    Optional<Message> made = write.get();
    if (made.isEmpty()) {
      charge.giveBack();
    }
    return made;
  }

  /// What was taken for the write is given back unless it is made.
  private static Optional<Message> stored(
      Strategy.Prepared prepared, Function<Message, Optional<Message>> write) {
    Optional<Message> made = Optional.empty();
    try {
      made = write.apply(prepared.object());
      return made;
    } finally {
      made.ifPresentOrElse(
          object ->
              prepared.claim().made(Long.parseLong(ObjectMetas.read(object).getResourceVersion())),
          prepared.claim()::giveBack);
    }
  }

  Written update(Target target, Message body, WriteOptions options) {
    KindStore kind = kinds.of(target.type());
    ObjectMeta meta = ObjectMetas.read(body);
    var _ = namespaceOf(target, meta);
    requireSameName(target, meta);
    boolean makes = target.subresource().isEmpty() && kind.strategy().createsOnUpdate();
    AtomicReference<Message> from = new AtomicReference<>();
    Function<CachedObject, Message> change =
        before -> {
          from.set(before.message());
          checkUnchanged(target.type(), before, meta.getResourceVersion(), meta.getUid());
          Message wanted = changed(kind, target, before.message(), body, options);
          options.guard().check(before.message(), wanted);
          return wanted;
        };
    Optional<Message> quick = recalled(kind, target.key(), target.subresource(), options, change);
    if (quick.isPresent()) {
      return new Written(
          quick.get(), false, warnings(kind, target, Optional.ofNullable(from.get()), quick.get()));
    }
    for (int i = 0; i < TRIES; i++) {
      Optional<CachedObject> current = kind.find(target.key());
      if (current.isEmpty() && makes && meta.getResourceVersion().isEmpty()) {
        options.guard().checkNew(body);
        return create(target, ObjectMetas.edit(body, ObjectMeta.Builder::clearUid), options);
      }
      CachedObject before =
          current.orElseThrow(() -> Refusals.notFound(target.type(), target.name()));
      Optional<Message> after = replace(kind, before, change.apply(before), options);
      if (after.isPresent()) {
        return new Written(
            after.get(),
            false,
            warnings(kind, target, Optional.ofNullable(from.get()), after.get()));
      }
      if (!meta.getResourceVersion().isEmpty()) {
        throw Refusals.conflict(target.type(), target.name(), Refusals.MODIFIED);
      }
    }
    throw Refusals.conflict(target.type(), target.name(), Refusals.MODIFIED);
  }

  Written patch(Target target, Patch patch, WriteOptions options) {
    KindStore kind = kinds.of(target.type());
    AtomicReference<CachedObject> from = new AtomicReference<>();
    AtomicReference<List<String>> noticed = new AtomicReference<>(List.of());
    Function<CachedObject, Message> change =
        before -> {
          Rules.Patched patched = admission.patched(kind, before.message(), patch, options);
          from.set(before);
          noticed.set(patched.warnings());
          return patched(kind, target, before, patched.object(), options);
        };
    Optional<Message> after = recalled(kind, target.key(), target.subresource(), options, change);
    for (int i = 0; after.isEmpty() && i < TRIES; i++) {
      CachedObject before = kind.require(target.key());
      after = replace(kind, before, change.apply(before), options);
    }
    if (after.isEmpty()) {
      throw Refusals.conflict(target.type(), target.name(), Refusals.MODIFIED);
    }
    List<String> warnings = new ArrayList<>(noticed.get());
    warnings.addAll(
        warnings(
            kind, target, Optional.ofNullable(from.get()).map(CachedObject::message), after.get()));
    return new Written(after.get(), false, warnings);
  }

  private Message patched(
      KindStore kind, Target target, CachedObject before, Message patched, WriteOptions options) {
    ObjectMeta meta = ObjectMetas.read(patched);
    requireSameName(target, meta);
    checkUnchanged(target.type(), before, meta.getResourceVersion(), meta.getUid());
    Message wanted = changed(kind, target, before.message(), patched, options);
    options.guard().check(before.message(), wanted);
    return wanted;
  }

  /// Makes the object what a configuration says, for those fields that it names, or makes it at
  /// all.
  Written apply(Target target, Patch patch, WriteOptions options) {
    KindStore kind = kinds.of(target.type());
    Rules.Configuration config =
        admission.configuration(kind, target.type().prototype(), patch, options);
    ObjectMeta meta = ObjectMetas.read(config.object());
    var _ = namespaceOf(target, meta);
    requireSameName(target, meta);
    for (int i = 0; i < TRIES; i++) {
      Optional<CachedObject> before = kind.find(target.key());
      Optional<Written> written =
          before.isPresent()
              ? applied(kind, target, before.get(), config, options)
              : appliedNew(kind, target, config, options);
      if (written.isPresent()) {
        return written.get();
      }
      if (!meta.getResourceVersion().isEmpty()) {
        break;
      }
    }
    throw Refusals.conflict(target.type(), target.name(), Refusals.MODIFIED);
  }

  /// @return nothing when somebody else was faster
  private Optional<Written> applied(
      KindStore kind,
      Target target,
      CachedObject before,
      Rules.Configuration config,
      WriteOptions options) {
    ObjectMeta meta = ObjectMetas.read(config.object());
    checkUnchanged(target.type(), before, meta.getResourceVersion(), meta.getUid());
    Message laid = books.applied(kind, target, before.message(), config, options);
    WriteOptions kept = options.keeping(WriteOptions.Bookkeeping.DONE);
    Message wanted = changed(kind, target, before.message(), laid, kept);
    options.guard().check(before.message(), wanted);
    return replace(kind, before, wanted, kept)
        .map(after -> {
          List<String> warnings = new ArrayList<>(config.warnings());
          warnings.addAll(warnings(kind, target, Optional.of(before.message()), after));
          return new Written(after, false, warnings);
        });
  }

  /// @return nothing when somebody else made it meanwhile
  private Optional<Written> appliedNew(
      KindStore kind, Target target, Rules.Configuration config, WriteOptions options) {
    if (!target.subresource().isEmpty()) {
      throw Refusals.notFound(target.type(), target.name());
    }
    ObjectMeta meta = ObjectMetas.read(config.object());
    if (!meta.getUid().isEmpty()) {
      throw Refusals.conflict(
          target.type(),
          target.name(),
          "uid mismatch: the provided object specified uid "
              + meta.getUid()
              + ", and no existing object was found");
    }
    if (!meta.getResourceVersion().isEmpty()) {
      throw Refusals.conflict(
          target.type(),
          target.name(),
          "the provided object specified resourceVersion "
              + meta.getResourceVersion()
              + ", and no existing object was found");
    }
    Message object = books.appliedNew(kind, target, config, options);
    options.guard().checkNew(object);
    return create(
            kind,
            target.type().namespaced() ? target.namespace() : "",
            target.name(),
            object,
            options.keeping(WriteOptions.Bookkeeping.DONE))
        .map(made -> {
          List<String> warnings = new ArrayList<>(config.warnings());
          warnings.addAll(made.warnings());
          return new Written(made.object(), true, warnings);
        });
  }

  /// Who writes a status cannot help what its object says.
  private List<String> warnings(
      KindStore kind, Target target, Optional<Message> before, Message object) {
    return switch (target.subresource()) {
      case "" -> admission.warnings(kind, before, object);
      default -> List.of();
    };
  }

  private Message changed(
      KindStore kind, Target target, Message before, Message wanted, WriteOptions options) {
    return switch (target.subresource()) {
      case "" -> admission.onUpdate(kind, "", before, wanted, options);
      case "status", "approval" -> {
        if (!kind.type().subresources().contains(target.subresource())) {
          throw Refusals.noPart(target);
        }
        yield admission.onStatusUpdate(kind, target.subresource(), before, wanted, options);
      }
      case PodParts.EPHEMERAL, PodParts.RESIZE -> {
        if (!target.type().qualifiedPlural().equals("pods")) {
          throw Refusals.noPart(target);
        }
        yield admission.onPodPartUpdate(kind, target.subresource(), before, wanted, options);
      }
      default -> throw Refusals.noPart(target);
    };
  }

  /// Changes an object in a way that is computed on its newest version.
  ///
  /// @throws ApiException with what `change` throws, and with NotFound
  Message modify(KindStore kind, ObjectKey key, WriteOptions options, Change change) {
    return modify(kind, key, "", options, change);
  }

  /// @param part through which it is written, about which others may be asked
  /// @see #modify(KindStore, ObjectKey, WriteOptions, Change)
  Message modify(KindStore kind, ObjectKey key, String part, WriteOptions options, Change change) {
    Optional<Message> quick =
        recalled(kind, key, part, options, before -> change.apply(before.message()));
    if (quick.isPresent()) {
      return quick.get();
    }
    for (int i = 0; i < TRIES; i++) {
      CachedObject before = kind.require(key);
      Optional<Message> after = replace(kind, before, change.apply(before.message()), options);
      if (after.isPresent()) {
        return after.get();
      }
    }
    throw Refusals.conflict(kind.type(), key.name(), Refusals.MODIFIED);
  }

  /// What becomes of an object.
  @FunctionalInterface
  interface Change {
    Message apply(Message before);
  }

  /// Computes a write on the version in the cache, which saves asking the store and is mostly the
  /// newest: the store refuses it where it is not. Whatever else speaks against the write, or makes
  /// it needless, may be old, so that counts for nothing.
  ///
  /// @return nothing where it must be computed on what the store says, also where others would be
  ///   asked twice
  private Optional<Message> recalled(
      KindStore kind,
      ObjectKey key,
      String part,
      WriteOptions options,
      Function<CachedObject, Message> change) {
    boolean newest =
        options.dryRun()
            || kind.strategy().claimsOnUpdate()
            || admission.gate().concerns(kind.type(), part, Operation.UPDATE, options);
    Optional<CachedObject> known = newest ? Optional.empty() : kind.cache().find(key);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    CachedObject before = known.get();
    Message wanted;
    try {
      wanted = change.apply(before);
    } catch (ApiException _) {
      return Optional.empty();
    }
    String version = Long.toString(before.revision());
    return replace(kind, before, wanted, options)
        .filter(after -> !ObjectMetas.read(after).getResourceVersion().equals(version));
  }

  /// Stores the new state; or removes the object, when its deletion waited only for this change.
  ///
  /// @return nothing when somebody else was faster
  private Optional<Message> replace(
      KindStore kind, CachedObject before, Message after, WriteOptions options) {
    boolean done = Deletions.isDone(kind.strategy(), after);
    if (options.dryRun()) {
      return Optional.of(
          done ? after : kind.strategy().claimUpdate(before.message(), after, true).object());
    }
    if (done) {
      return kind.remove(before);
    }
    return stored(
        kind.strategy().claimUpdate(before.message(), after, false),
        ready ->
            charged(kind, Optional.of(before.message()), ready, () -> kind.replace(before, ready)));
  }

  /// @param version what the caller last saw; empty for any
  /// @param uid the incarnation that the caller means; empty for any
  static void checkUnchanged(
      ResourceType<?> type, CachedObject current, String version, String uid) {
    ObjectMeta meta = ObjectMetas.read(current.message());
    if (!uid.isEmpty() && !uid.equals(meta.getUid())) {
      throw Refusals.conflict(
          type,
          current.key().name(),
          "Precondition failed: UID in precondition: "
              + uid
              + ", UID in object meta: "
              + meta.getUid());
    }
    if (!version.isEmpty() && !version.equals(Long.toString(current.revision()))) {
      throw Refusals.conflict(type, current.key().name(), Refusals.MODIFIED);
    }
  }

  private static String namespaceOf(Target target, ObjectMeta meta) {
    if (!target.type().namespaced()) {
      return "";
    }
    if (target.namespace().isEmpty()) {
      throw Refusals.badRequest("an empty namespace may not be set during creation");
    }
    if (!meta.getNamespace().isEmpty() && !meta.getNamespace().equals(target.namespace())) {
      throw Refusals.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
    return target.namespace();
  }

  private static void requireSameName(Target target, ObjectMeta meta) {
    if (!meta.getName().equals(target.name())) {
      throw Refusals.badRequest(
          "the name of the object ("
              + meta.getName()
              + ") does not match the name on the URL ("
              + target.name()
              + ")");
    }
  }
}
