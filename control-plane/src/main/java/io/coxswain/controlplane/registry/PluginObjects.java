package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.admission.plugin.StoredObjects;
import io.coxswain.controlplane.watch.CacheEvent;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Selection;
import io.coxswain.controlplane.watch.WatchCache;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The registry's own objects for plug-ins, from its caches.
record PluginObjects(Kinds kinds) implements StoredObjects {

  @Override
  public <T extends Message> Optional<T> find(Class<T> kind, String namespace, String name) {
    return kinds
        .of(kind)
        .cache()
        .find(new ObjectKey(namespace, name))
        .map(found -> kind.cast(found.message()));
  }

  @Override
  public <T extends Message> Optional<T> latest(Class<T> kind, String namespace, String name) {
    return kinds
        .of(kind)
        .find(new ObjectKey(namespace, name))
        .map(found -> kind.cast(found.message()));
  }

  @Override
  public <T extends Message> Optional<T> await(
      Class<T> kind, String namespace, String name, Duration patience) {
    Optional<T> stored = latest(kind, namespace, name);
    if (stored.isPresent()) {
      return stored;
    }
    WatchCache cache = kinds.of(kind).cache();
    long end = System.nanoTime() + patience.toNanos();
    try (CacheWatch watch =
        cache.watchWithState(new Selection(namespace, name, List.of()), false, false)) {
      for (long left = patience.toNanos(); left > 0; left = end - System.nanoTime()) {
        Optional<CacheEvent> event = watch.next(Duration.ofNanos(left));
        if (event.isPresent() && event.get().type() == WatchEvent.Type.ADDED) {
          return Optional.of(kind.cast(event.get().object().message()));
        }
      }
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ApiException cutOff) {
      return latest(kind, namespace, name);
    }
  }

  @Override
  public <T extends Message> List<T> list(Class<T> kind, String namespace) {
    WatchCache cache = kinds.of(kind).cache();
    if (cache.size() == 0) {
      return List.of();
    }
    Selection selection = namespace.isEmpty() ? Selection.ALL : Selection.in(namespace);
    return cache.list(selection).objects().stream()
        .map(CachedObject::message)
        .map(kind::cast)
        .toList();
  }

  @Override
  public <T extends Message> Optional<T> replace(T changed) {
    @SuppressWarnings("unchecked") // an object's class is its kind's class
    Class<T> kind = (Class<T>) changed.getClass();
    KindStore store = kinds.of(kind);
    Optional<CachedObject> current = store.cache().find(ObjectMetas.key(changed));
    String version = ObjectMetas.read(changed).getResourceVersion();
    if (current.isEmpty() || !Long.toString(current.get().revision()).equals(version)) {
      current = store.find(ObjectMetas.key(changed));
    }
    return current
        .filter(found -> Long.toString(found.revision()).equals(version))
        .flatMap(found -> store.replace(found, changed))
        .map(kind::cast);
  }
}
