package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Preconditions;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.admission.dynamic.Operation;
import io.coxswain.controlplane.watch.CachedObject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Delete. An object that has a grace period, finalizers or something else to wait for is marked
/// and stays; the write that takes the last of these away removes it.
final class Deletions {

  private static final String FOREGROUND = "foregroundDeletion";
  private static final String ORPHAN = "orphan";
  private static final int TRIES = 64;

  /// Without these a cluster does not work.
  private static final Set<String> LASTING_NAMESPACES =
      Set.of("default", "kube-system", "kube-public");

  private final Kinds kinds;
  private final Gate gate;
  private final InstantSource clock;

  Deletions(Kinds kinds, Gate gate, InstantSource clock) {
    this.kinds = kinds;
    this.gate = gate;
    this.clock = clock;
  }

  Deleted delete(Target target, DeleteOptions how, WriteOptions options) {
    KindStore kind = kinds.of(target.type());
    if (target.type().qualifiedPlural().equals("namespaces")
        && LASTING_NAMESPACES.contains(target.name())) {
      throw Refusals.forbidden(target.type(), target.name(), "this namespace may not be deleted");
    }
    Optional<Deleted> quick = recalled(kind, target, how, options);
    if (quick.isPresent()) {
      return quick.get();
    }
    for (int i = 0; i < TRIES; i++) {
      CachedObject current = kind.require(target.key());
      checkUnchanged(target, current, how);
      Optional<Deleted> deleted = delete(kind, current, how, options);
      if (deleted.isPresent()) {
        return deleted.get();
      }
    }
    throw Refusals.conflict(target.type(), target.name(), Refusals.MODIFIED);
  }

  private static void checkUnchanged(Target target, CachedObject current, DeleteOptions how) {
    Preconditions wanted = how.getPreconditions();
    Writes.checkUnchanged(target.type(), current, wanted.getResourceVersion(), wanted.getUid());
  }

  /// Deletes the version in the cache, which saves asking the store and is mostly the newest: the
  /// store refuses it where it is not. A refusal may be of something old, so that it counts for
  /// nothing; and so does what needed no write.
  ///
  /// @return nothing where it must be done on what the store says, also where others would be asked
  ///   twice
  private Optional<Deleted> recalled(
      KindStore kind, Target target, DeleteOptions how, WriteOptions options) {
    boolean newest = options.dryRun() || gate.concerns(kind.type(), "", Operation.DELETE, options);
    Optional<CachedObject> known = newest ? Optional.empty() : kind.cache().find(target.key());
    if (known.isEmpty()) {
      return Optional.empty();
    }
    try {
      checkUnchanged(target, known.get(), how);
      String version = Long.toString(known.get().revision());
      return delete(kind, known.get(), how, options)
          .filter(
              deleted -> !ObjectMetas.read(deleted.object()).getResourceVersion().equals(version));
    } catch (ApiException refused) {
      if (refused.error() instanceof ApiError.Unavailable
          || refused.error() instanceof ApiError.Timeout) {
        throw refused; // of the store: what it did is not known
      }
      return Optional.empty();
    }
  }

  /// @return nothing when somebody else was faster
  private Optional<Deleted> delete(
      KindStore kind, CachedObject current, DeleteOptions how, WriteOptions options) {
    Message before = current.message();
    Message marked = mark(kind.strategy(), before, how, clock.instant());
    gate.deletion(kind, before, how, options);
    if (isDone(kind.strategy(), marked)) {
      return options.dryRun()
          ? Optional.of(new Deleted(before, true))
          : kind.remove(current).map(last -> new Deleted(last, true));
    }
    return options.dryRun()
        ? Optional.of(new Deleted(marked, false))
        : kind.replace(current, marked).map(object -> new Deleted(object, false));
  }

  /// Whether a deleted object has nothing left to wait for.
  static boolean isDone(Strategy strategy, Message object) {
    ObjectMeta meta = ObjectMetas.read(object);
    return meta.hasDeletionTimestamp()
        && meta.getFinalizersCount() == 0
        && meta.getDeletionGracePeriodSeconds() == 0
        && !strategy.isHeld(object);
  }

  /// The object with its deletion begun. A second deletion can only bring the end nearer.
  static Message mark(Strategy strategy, Message object, DeleteOptions how, Instant now) {
    ObjectMeta old = ObjectMetas.read(object);
    long grace = strategy.graceSeconds(object, how);
    boolean again = old.hasDeletionTimestamp();
    Instant begun = now;
    if (again) {
      begun =
          Times.instant(old.getDeletionTimestamp())
              .minusSeconds(old.getDeletionGracePeriodSeconds());
      grace = Math.min(grace, old.getDeletionGracePeriodSeconds());
    }
    ObjectMeta.Builder meta = old.toBuilder();
    if (!again || grace < old.getDeletionGracePeriodSeconds()) {
      meta.setDeletionTimestamp(Times.time(begun.plusSeconds(grace)))
          .setDeletionGracePeriodSeconds(grace);
    }
    if (!again && old.getGeneration() > 0) {
      meta.setGeneration(old.getGeneration() + 1);
    }
    List<String> finalizers = finalizers(strategy, old, how);
    meta.clearFinalizers().addAllFinalizers(finalizers);
    Message marked = ObjectMetas.replace(object, meta.build());
    return again ? marked : strategy.marked(marked);
  }

  /// What becomes of the objects that this one owns is written down as a finalizer, for the garbage
  /// collector.
  private static List<String> finalizers(Strategy strategy, ObjectMeta old, DeleteOptions how) {
    List<String> finalizers = new ArrayList<>(old.getFinalizersList());
    String policy = policy(strategy, old, how);
    if (!policy.isEmpty()) {
      finalizers.removeIf(finalizer -> finalizer.equals(ORPHAN) || finalizer.equals(FOREGROUND));
    }
    switch (policy) {
      case "Orphan" -> finalizers.add(ORPHAN);
      case "Foreground" -> finalizers.add(FOREGROUND);
      default -> {}
    }
    return finalizers;
  }

  private static String policy(Strategy strategy, ObjectMeta old, DeleteOptions how) {
    String policy = how.getPropagationPolicy();
    if (!policy.isEmpty()) {
      if (!Set.of("Orphan", "Foreground", "Background").contains(policy)) {
        throw Refusals.invalid(
            "",
            "DeleteOptions",
            "",
            List.of(
                new ApiError.Cause(
                    "FieldValueNotSupported",
                    "propagationPolicy",
                    "Unsupported value: \""
                        + policy
                        + "\": supported values: \"Foreground\", \"Background\", \"Orphan\"")));
      }
      return policy;
    }
    if (how.getOrphanDependents()) {
      return "Orphan";
    }
    boolean decided =
        old.getFinalizersList().contains(ORPHAN) || old.getFinalizersList().contains(FOREGROUND);
    return strategy.orphansByDefault() && !decided ? "Orphan" : "";
  }

  /// Deletes one by one; those that others delete meanwhile are no error.
  void deleteAll(Listing found, ListQuery query, DeleteOptions how, WriteOptions options) {
    for (CachedObject object : found.items()) {
      Target target = Target.of(query.type(), object.key().namespace(), object.key().name());
      try {
        var _ = delete(target, how, options);
      } catch (ApiException refused) {
        if (!refused.isNotFound()) {
          throw refused;
        }
      }
    }
  }
}
