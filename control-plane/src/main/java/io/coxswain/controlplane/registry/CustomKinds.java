package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.controlplane.customresource.DefinitionStatus;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Reflector;
import io.coxswain.controlplane.watch.Selection;
import io.coxswain.controlplane.watch.WatchCache;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves the kinds that CustomResourceDefinitions define, as long as they do. Follows the
/// definitions by one watch; a change that was made here is served before it is answered. Writes
/// the definitions' status, deletes the objects of one that is to go, and takes its finalizer
/// [DefinitionStrategy#CLEANUP].
///
/// Every server does this: all of it may be done twice.
final class CustomKinds implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(CustomKinds.class);
  private static final Duration IDLE = Duration.ofMinutes(10);
  private static final Duration AGAIN = Duration.ofMillis(300);
  private static final Duration LOADING = Duration.ofSeconds(30);

  /// A definition and what is served by it.
  ///
  /// @param definition as of when the kinds were made
  private record Served(CustomResourceDefinition definition, List<KindStore> kinds) {

    /// Whether objects look the same by both.
    boolean isOf(CustomResourceDefinition other) {
      return definition.getMetadata().getUid().equals(other.getMetadata().getUid())
          && definition.getSpec().equals(other.getSpec())
          && DefinitionStatus.isTrue(definition, DefinitionStatus.TERMINATING)
              == DefinitionStatus.isTrue(other, DefinitionStatus.TERMINATING);
    }
  }

  private final Kinds kinds;
  private final KindStore definitions;
  private final Store store;
  private final Reflector reflector;
  private final Rules common;
  private final Conversions conversions;
  private final Writes writes;
  private final Deletions deletions;
  private final InstantSource clock;
  private Map<String, Served> served = Map.of();
  private @Nullable Thread follower;

  CustomKinds(
      Kinds kinds,
      Store store,
      Reflector reflector,
      Rules common,
      Conversions conversions,
      Writes writes,
      Deletions deletions,
      InstantSource clock) {
    this.kinds = kinds;
    this.definitions = kinds.of(CustomResourceDefinition.class);
    this.store = store;
    this.reflector = reflector;
    this.common = common;
    this.conversions = conversions;
    this.writes = writes;
    this.deletions = deletions;
    this.clock = clock;
  }

  void start() {
    follower = Thread.ofVirtual().name("custom-resource-definitions").start(this::run);
  }

  @Override
  public void close() {
    Thread running = follower;
    if (running != null) {
      running.interrupt();
    }
  }

  /// Serves what the cache's definitions say. Blocks while kinds are loaded that are new.
  ///
  /// @throws ApiException when the cache is not loaded
  synchronized void sync() {
    Map<String, Served> next = new LinkedHashMap<>();
    List<KindStore> gone = new ArrayList<>();
    for (CachedObject object : definitions.cache().list(Selection.ALL).objects()) {
      CustomResourceDefinition definition = (CustomResourceDefinition) object.message();
      if (!DefinitionStatus.isTrue(definition, DefinitionStatus.ESTABLISHED)) {
        continue;
      }
      String name = object.key().name();
      Served known = served.get(name);
      next.put(
          name,
          known != null && known.isOf(definition)
              ? known
              : new Served(definition, made(definition)));
    }
    served.forEach((name, old) -> {
      if (!old.equals(next.get(name))) {
        gone.addAll(old.kinds());
      }
    });
    if (next.equals(served)) {
      return;
    }
    served = next;
    kinds.serve(next.values().stream().flatMap(one -> one.kinds().stream()).toList());
    gone.forEach(kind -> reflector.remove(kind.cache()));
  }

  private List<KindStore> made(CustomResourceDefinition definition) {
    List<KindStore> made = new ArrayList<>();
    for (CustomKind kind : CustomKind.of(definition)) {
      KindCodec codec = new CustomCodec(kind, conversions.of(definition));
      WatchCache cache =
          new WatchCache(
              StorageLayout.customPrefix(kind.type()),
              kind.type().namespaced(),
              codec,
              System::nanoTime);
      reflector.add(cache);
      made.add(
          new KindStore(
              kind.type(),
              new CustomStrategy(kind),
              new CustomRules(kind, common),
              store,
              codec,
              cache,
              reflector));
    }
    return made;
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        if (reflector.await(1, LOADING)) {
          follow();
        }
      } catch (InterruptedException closed) {
        return;
      } catch (ApiException again) {
        log.debug("The definitions are followed anew: {}", again.getMessage());
      } catch (RuntimeException unexpected) {
        log.error("Custom resource definitions could not be followed and are again", unexpected);
      }
      if (!pause()) {
        return;
      }
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(AGAIN);
      return true;
    } catch (InterruptedException closed) {
      return false;
    }
  }

  private void follow() throws InterruptedException {
    try (CacheWatch watch = definitions.cache().watchWithState(Selection.ALL, false, false)) {
      while (true) {
        while (watch.poll().isPresent()) {
          // only that something changed matters
        }
        boolean unfinished = settle();
        var _ = watch.next(unfinished ? AGAIN : IDLE);
      }
    }
  }

  /// @return whether something must be looked at again though nothing changes
  private boolean settle() {
    sync();
    boolean unfinished = false;
    for (CachedObject object : definitions.cache().list(Selection.ALL).objects()) {
      try {
        unfinished |= settle((CustomResourceDefinition) object.message(), object.key());
      } catch (ApiException refused) {
        if (!refused.isNotFound()) {
          log.warn("{} is not settled yet: {}", object.key().name(), refused.getMessage());
          unfinished = true;
        }
      }
    }
    return unfinished;
  }

  private boolean settle(CustomResourceDefinition definition, ObjectKey key) {
    if (ObjectMetas.isDeleting(definition)) {
      boolean held =
          definition.getMetadata().getFinalizersList().contains(DefinitionStrategy.CLEANUP);
      return held && !emptied(definition, key);
    }
    DefinitionStrategy strategy = (DefinitionStrategy) definitions.strategy();
    if (!strategy.judged(definition).getStatus().equals(definition.getStatus())) {
      var _ =
          writes.modify(
              definitions,
              key,
              WriteOptions.DEFAULT,
              before -> strategy.judged((CustomResourceDefinition) before));
    }
    return false;
  }

  /// Deletes what is there of a kind, and lets the definition go when nothing is left.
  private boolean emptied(CustomResourceDefinition definition, ObjectKey key) {
    Served known;
    synchronized (this) {
      known = served.get(key.name());
    }
    if (known != null && !known.kinds().isEmpty()) {
      reflector.awaitFresh(LOADING);
      KindStore kind = known.kinds().getFirst();
      List<CachedObject> left = kind.cache().list(Selection.ALL).objects();
      for (CachedObject object : left) {
        if (!ObjectMetas.isDeleting(object.message())) {
          delete(kind, object.key());
        }
      }
      if (!left.isEmpty()) {
        return false;
      }
    }
    var _ =
        writes.modify(
            definitions,
            key,
            WriteOptions.DEFAULT,
            before -> withoutFinalizer((CustomResourceDefinition) before));
    log.info("No {} is left", definition.getMetadata().getName());
    return true;
  }

  private void delete(KindStore kind, ObjectKey key) {
    try {
      var _ =
          deletions.delete(
              Target.of(kind.type(), key.namespace(), key.name()),
              DeleteOptions.getDefaultInstance(),
              WriteOptions.DEFAULT);
    } catch (ApiException refused) {
      if (!refused.isNotFound()) {
        throw refused;
      }
    }
  }

  private Message withoutFinalizer(CustomResourceDefinition definition) {
    CustomResourceDefinition.Builder done =
        DefinitionStatus.terminating(
            definition, "InstanceDeletionCompleted", "removed all instances", clock.instant())
            .toBuilder();
    List<String> left =
        definition.getMetadata().getFinalizersList().stream()
            .filter(finalizer -> !finalizer.equals(DefinitionStrategy.CLEANUP))
            .toList();
    done.getMetadataBuilder().clearFinalizers().addAllFinalizers(left);
    return done.build();
  }
}
