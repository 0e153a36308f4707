package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.OwnWrites;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Writes slices and remembers what until the informer has heard of it: planned from an older
/// level, the same endpoints would be put into two slices.
final class SliceWriter {

  private final Resources<EndpointSlice> slices;
  private final Informer<EndpointSlice> informer;
  private final OwnWrites writes = new OwnWrites();
  private final Map<ObjectKey, Set<EndpointSlice>> deleted = new ConcurrentHashMap<>();

  SliceWriter(Resources<EndpointSlice> slices, Informer<EndpointSlice> informer) {
    this.slices = slices;
    this.informer = informer;
  }

  boolean allSeen(ObjectKey service) {
    Set<EndpointSlice> waiting =
        deleted.computeIfPresent(
            service,
            (key, gone) -> {
              gone.removeIf(this::isGone);
              return gone.isEmpty() ? null : gone;
            });
    return waiting == null && writes.seen(service, informer.resourceVersion());
  }

  void forget(ObjectKey service) {
    writes.forget(service);
    deleted.remove(service);
  }

  /// Updates come first: they take out what must not be reached any more.
  void write(ObjectKey service, SlicePlan plan) {
    plan.update().forEach(slice -> wrote(service, slices.update(slice)));
    plan.create().forEach(slice -> wrote(service, slices.create(slice)));
    plan.delete().forEach(slice -> delete(service, slice));
  }

  void delete(ObjectKey service, EndpointSlice slice) {
    Meanwhile.gone(() -> {
      slices.delete(
          slice.getMetadata().getNamespace(),
          slice.getMetadata().getName(),
          DeletePolicy.DEFAULT.onlyUid(slice.getMetadata().getUid()));
      deleted.computeIfAbsent(service, k -> ConcurrentHashMap.newKeySet()).add(slice);
    });
  }

  private boolean isGone(EndpointSlice slice) {
    return informer
        .find(ObjectMetas.key(slice))
        .filter(now -> now.getMetadata().getUid().equals(slice.getMetadata().getUid()))
        .isEmpty();
  }

  private void wrote(ObjectKey service, EndpointSlice slice) {
    writes.wrote(service, slice.getMetadata().getResourceVersion());
  }
}
