package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.controlplane.controller.endpoint.DesiredEndpoints.Group;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which slices to write. An endpoint stays in the slice that it is in; new ones go where there is
/// room, into slices that change anyway if possible: each slice written is sent to every node.
record SlicePlan(
    List<EndpointSlice> create, List<EndpointSlice> update, List<EndpointSlice> delete) {

  static final int MOST_ENDPOINTS = 100;

  SlicePlan {
    create = List.copyOf(create);
    update = List.copyOf(update);
    delete = List.copyOf(delete);
  }

  // A slice on its way from what is stored to what is planned.
  private static final class Draft {
    private final EndpointSlice before;
    private final List<Endpoint> endpoints = new ArrayList<>();
    private boolean changed;

    Draft(EndpointSlice before) {
      this.before = before;
    }

    int room() {
      return MOST_ENDPOINTS - endpoints.size();
    }
  }

  /// @param existing slices of this owner
  /// @param fresh metadata of slices to make; its labels are what all slices should have
  static SlicePlan of(
      Map<Group, List<Endpoint>> desired, List<EndpointSlice> existing, ObjectMeta fresh) {
    Map<Group, List<EndpointSlice>> byGroup = new LinkedHashMap<>();
    for (EndpointSlice slice : existing) {
      byGroup
          .computeIfAbsent(
              new Group(slice.getAddressType(), List.copyOf(slice.getPortsList())),
              g -> new ArrayList<>())
          .add(slice);
    }
    List<EndpointSlice> create = new ArrayList<>();
    List<EndpointSlice> update = new ArrayList<>();
    List<EndpointSlice> delete = new ArrayList<>();
    desired.forEach((group, endpoints) -> {
      List<EndpointSlice> slices = byGroup.getOrDefault(group, List.of());
      pack(group, endpoints, slices, fresh, create, update, delete);
    });
    byGroup.forEach((group, slices) -> {
      if (!desired.containsKey(group)) {
        delete.addAll(slices);
      }
    });
    return new SlicePlan(create, update, delete);
  }

  private static void pack(
      Group group,
      List<Endpoint> endpoints,
      List<EndpointSlice> slices,
      ObjectMeta fresh,
      List<EndpointSlice> create,
      List<EndpointSlice> update,
      List<EndpointSlice> delete) {
    Map<String, Endpoint> waiting = new LinkedHashMap<>();
    endpoints.forEach(endpoint -> waiting.put(identity(endpoint), endpoint));
    List<Draft> drafts = new ArrayList<>();
    for (EndpointSlice slice : slices) {
      drafts.add(kept(slice, waiting, fresh));
    }
    List<Endpoint> left = new ArrayList<>(waiting.values());
    fillChanged(drafts, left);
    // What is left fits a slice that has room, or makes a new one: never more than one untouched
    // slice is opened for it.
    if (!left.isEmpty()) {
      fullestThatHolds(drafts, left.size()).ifPresent(draft -> take(draft, left));
    }
    boolean keepEmpty = endpoints.isEmpty();
    for (Draft draft : drafts) {
      if (draft.endpoints.isEmpty() && !keepEmpty) {
        delete.add(draft.before);
        continue;
      }
      keepEmpty = false;
      if (draft.changed) {
        update.add(updated(draft, fresh));
      }
    }
    if (endpoints.isEmpty() && drafts.isEmpty()) {
      create.add(made(group, List.of(), fresh));
    }
    while (!left.isEmpty()) {
      List<Endpoint> part = left.subList(0, Math.min(MOST_ENDPOINTS, left.size()));
      create.add(made(group, part, fresh));
      part.clear();
    }
  }

  private static EndpointSlice made(Group group, List<Endpoint> endpoints, ObjectMeta fresh) {
    return EndpointSlice.newBuilder()
        .setMetadata(fresh)
        .setAddressType(group.family())
        .addAllEndpoints(endpoints)
        .addAllPorts(group.ports())
        .build();
  }

  private static Draft kept(EndpointSlice slice, Map<String, Endpoint> waiting, ObjectMeta fresh) {
    Draft draft = new Draft(slice);
    for (Endpoint endpoint : slice.getEndpointsList()) {
      Endpoint wanted = waiting.remove(identity(endpoint));
      if (wanted == null) {
        draft.changed = true;
        continue;
      }
      draft.changed |= !wanted.equals(endpoint);
      draft.endpoints.add(wanted);
    }
    draft.changed |= !slice.getMetadata().getLabelsMap().equals(fresh.getLabelsMap());
    return draft;
  }

  private static void fillChanged(List<Draft> drafts, List<Endpoint> left) {
    for (Draft draft : drafts) {
      if (left.isEmpty()) {
        return;
      }
      if (draft.changed) {
        take(draft, left);
      }
    }
  }

  private static Optional<Draft> fullestThatHolds(List<Draft> drafts, int count) {
    return drafts.stream()
        .filter(draft -> draft.room() >= count)
        .min(Comparator.comparingInt(Draft::room));
  }

  private static void take(Draft draft, List<Endpoint> left) {
    List<Endpoint> part = left.subList(0, Math.min(draft.room(), left.size()));
    if (!part.isEmpty()) {
      draft.endpoints.addAll(part);
      draft.changed = true;
      part.clear();
    }
  }

  private static EndpointSlice updated(Draft draft, ObjectMeta fresh) {
    EndpointSlice.Builder updated = draft.before.toBuilder();
    updated.getMetadataBuilder().clearLabels().putAllLabels(fresh.getLabelsMap());
    return updated.clearEndpoints().addAllEndpoints(draft.endpoints).build();
  }

  // A pod keeps its place when its state changes; what has no pod is its addresses.
  private static String identity(Endpoint endpoint) {
    String uid = endpoint.getTargetRef().getUid();
    return uid.isEmpty() ? String.join(",", endpoint.getAddressesList()) : uid;
  }
}
