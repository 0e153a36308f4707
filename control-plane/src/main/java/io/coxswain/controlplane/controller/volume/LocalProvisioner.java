package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.controller.Result;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.LocalState;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The built-in provisioner `coxswain.io/local`: a directory of one node for each claim. Reads
/// claims, classes, volumes and nodes. Creates volumes, writes their annotation
/// `coxswain.io/local-volume`, their capacity and their last finalizer, and deletes them. Takes the
/// scheduler's choice back from a claim when its node cannot have it, and says how much a claim has
/// that has grown.
///
/// The directory itself is its node's business: the agent makes and deletes it, and says so on the
/// volume.
public final class LocalProvisioner implements Controller {

  /// How often it is said for whom is being waited.
  private static final Duration AGAIN = Duration.ofSeconds(30);

  private final Informer<PersistentVolumeClaim> claims;
  private final Informer<PersistentVolume> volumes;
  private final Informer<StorageClass> classes;
  private final Informer<Node> nodes;
  private final Resources<PersistentVolumeClaim> claimResources;
  private final Resources<PersistentVolume> volumeResources;
  private final Resources<Node> nodeResources;
  private final EventRecorder events;
  // whose claims are still to be told; of the one thread that works
  private final Set<String> ordered = new HashSet<>();
  private final Work work;

  public LocalProvisioner(ControllerContext context) {
    this.claims = context.informers().informer(PersistentVolumeClaim.class);
    this.volumes = context.informers().informer(PersistentVolume.class);
    this.classes = context.informers().informer(StorageClass.class);
    this.nodes = context.informers().informer(Node.class);
    this.claimResources = context.client().resources(PersistentVolumeClaim.class);
    this.volumeResources = context.client().resources(PersistentVolume.class);
    this.nodeResources = context.client().resources(Node.class);
    this.events = context.events();
    this.work = new Work("local-provisioner", 1, context, this::reconcile, this::everything);
    claims.addHandler(
        Handler.each(claim -> {
          if (isAsked(claim)) {
            work.enqueue(claim);
          }
        }));
    volumes.addHandler(
        Handler.each(volume -> {
          if (LocalState.of(volume).isPresent()) {
            work.enqueue(volume);
            var claim = volume.getSpec().getClaimRef();
            work.enqueue(new ObjectKey(claim.getNamespace(), claim.getName()));
          }
        }));
    classes.addHandler(
        Handler.each(
            _ -> claims.list().stream().filter(LocalProvisioner::isAsked).forEach(work::enqueue)));
    nodes.addHandler(
        new Handler<>() {
          @Override
          public void added(Node node) {
            wakeFor(node);
          }

          @Override
          public void updated(Node before, Node after) {
            if (!LocalVolume.Host.of(before).equals(LocalVolume.Host.of(after))) {
              wakeFor(after);
            }
          }

          @Override
          public void deleted(Node last) {
            wakeFor(last);
          }
        });
  }

  /// What may have waited for the node: any claim without a volume, and what its agent is to make
  /// or to delete.
  private void wakeFor(Node node) {
    claims.list().stream()
        .filter(claim -> isAsked(claim) && !Claims.isBound(claim))
        .forEach(work::enqueue);
    volumes.list().stream()
        .filter(volume -> LocalVolume.nodeOf(volume).equals(node.getMetadata().getName()))
        .filter(volume ->
            LocalState.of(volume)
                .filter(state -> state == LocalState.ORDERED || state == LocalState.UNWANTED)
                .isPresent())
        .forEach(work::enqueue);
  }

  @Override
  public Work work() {
    return work;
  }

  private static boolean isAsked(PersistentVolumeClaim claim) {
    return claim
        .getMetadata()
        .getAnnotationsOrDefault(VolumeMarks.PROVISIONER, "")
        .equals(VolumeMarks.LOCAL_PROVISIONER);
  }

  private List<ObjectKey> everything() {
    List<ObjectKey> keys = new ArrayList<>();
    claims.list().stream()
        .filter(LocalProvisioner::isAsked)
        .map(ObjectMetas::key)
        .forEach(keys::add);
    volumes.list().stream()
        .filter(volume -> LocalState.of(volume).isPresent())
        .map(ObjectMetas::key)
        .forEach(keys::add);
    return keys;
  }

  private Result reconcile(ObjectKey key) {
    if (key.namespace().isEmpty()) {
      Optional<PersistentVolume> volume = volumes.find(key);
      return volume.isPresent() ? carryOn(volume.get()) : Result.done();
    }
    Optional<PersistentVolumeClaim> claim = claims.find(key).filter(LocalProvisioner::isAsked);
    if (claim.isEmpty()) {
      return Result.done();
    }
    if (Claims.isBound(claim.get())) {
      return grow(claim.get());
    }
    boolean open =
        claim.get().getSpec().getVolumeName().isEmpty()
            && !claim.get().getMetadata().hasDeletionTimestamp();
    return open ? provision(claim.get()) : Result.done();
  }

  private Result provision(PersistentVolumeClaim claim) {
    String className = Claims.className(claim);
    Optional<StorageClass> from = classes.find("", className);
    if (from.isEmpty()
        || !from.get().getProvisioner().equals(VolumeMarks.LOCAL_PROVISIONER)
        || volumes.find("", LocalVolume.name(claim)).isPresent()) {
      return Result.done();
    }
    String selected = claim.getMetadata().getAnnotationsOrDefault(VolumeMarks.SELECTED_NODE, "");
    boolean waits = Claims.waitsForConsumer(from.get());
    if (waits && selected.isEmpty()) {
      return Result.done();
    }
    Optional<String> refusal = LocalVolume.refusal(claim, from.get());
    if (refusal.isPresent()) {
      return failed(claim, refusal.get());
    }
    Optional<Node> node =
        selected.isEmpty()
            ? LocalVolume.choose(nodes.list(), from.get(), volumesByNode())
            // of one that has just joined, an informer may not have heard
            : nodes.find("", selected).or(() -> nodeResources.find("", selected));
    if (node.isEmpty() && selected.isEmpty()) {
      return failed(claim, "no node is ready that could have it");
    }
    Optional<String> folder = node.flatMap(one -> LocalVolume.Host.of(one).folder());
    if (folder.isEmpty()) {
      return elsewhere(claim, selected);
    }
    return order(claim, from.get(), node.orElseThrow(), folder.get());
  }

  private Map<String, Long> volumesByNode() {
    return volumes.list().stream()
        .filter(volume -> LocalState.of(volume).isPresent())
        .collect(Collectors.groupingBy(LocalVolume::nodeOf, Collectors.counting()));
  }

  private Result failed(PersistentVolumeClaim claim, String why) {
    events.warning(
        claim,
        "ProvisioningFailed",
        "failed to provision volume with StorageClass \"%s\": %s"
            .formatted(Claims.className(claim), why));
    return Result.after(AGAIN);
  }

  /// The scheduler chooses anew once its choice is gone.
  private Result elsewhere(PersistentVolumeClaim claim, String node) {
    PersistentVolumeClaim.Builder freed = claim.toBuilder();
    freed.getMetadataBuilder().removeAnnotations(VolumeMarks.SELECTED_NODE);
    PersistentVolumeClaim _ = claimResources.update(freed.build());
    return failed(claim, "node \"%s\" has no folder for volumes".formatted(node));
  }

  private Result order(PersistentVolumeClaim claim, StorageClass from, Node node, String folder) {
    String name = claim.getMetadata().getNamespace() + "/" + claim.getMetadata().getName();
    try {
      ordered.add(LocalVolume.name(claim));
      PersistentVolume _ = volumeResources.create(LocalVolume.order(claim, from, node, folder));
      events.normal(
          claim,
          "Provisioning",
          "Node \"%s\" is asked for a volume for claim \"%s\""
              .formatted(node.getMetadata().getName(), name));
    } catch (ApiException e) {
      if (!e.isAlreadyExists()) {
        throw e;
      }
    }
    return Result.done();
  }

  private Result carryOn(PersistentVolume volume) {
    Optional<LocalVolume.Host> node =
        nodes.find("", LocalVolume.nodeOf(volume)).map(LocalVolume.Host::of);
    switch (LocalPlan.of(volume, node)) {
      case LocalPlan.Nothing() -> {
        if (LocalState.of(volume).filter(state -> state == LocalState.ORDERED).isPresent()) {
          return Result.after(AGAIN);
        }
        tellMade(volume);
      }
      case LocalPlan.Dismiss() -> {
        PersistentVolume _ = volumeResources.update(LocalState.UNWANTED.on(volume));
      }
      case LocalPlan.Forget(boolean delete) -> forget(volume, delete);
      case LocalPlan.Await(String message) -> {
        await(volume, message);
        return Result.after(AGAIN);
      }
    }
    return Result.done();
  }

  /// Said once by who ordered it.
  private void tellMade(PersistentVolume volume) {
    String name = volume.getMetadata().getName();
    if (LocalState.of(volume).filter(state -> state == LocalState.MADE).isPresent()
        && ordered.remove(name)) {
      claimOf(volume)
          .ifPresent(claim ->
              events.normal(
                  claim, "ProvisioningSucceeded", "Successfully provisioned volume " + name));
    }
  }

  private Optional<PersistentVolumeClaim> claimOf(PersistentVolume volume) {
    var claim = volume.getSpec().getClaimRef();
    return claims.find(claim.getNamespace(), claim.getName());
  }

  private void await(PersistentVolume volume, String message) {
    boolean making = LocalState.of(volume).filter(s -> s == LocalState.ORDERED).isPresent();
    if (making) {
      claimOf(volume).ifPresent(claim -> events.normal(claim, "Provisioning", message));
    } else {
      events.normal(volume, "VolumeDelete", message);
    }
    if (!volume.getStatus().getMessage().equals(message)) {
      PersistentVolume.Builder told = volume.toBuilder();
      told.getStatusBuilder().setMessage(message);
      Meanwhile.goneOrChanged(() -> {
        PersistentVolume _ = volumeResources.updateStatus(told.build());
      });
    }
  }

  private void forget(PersistentVolume volume, boolean delete) {
    ordered.remove(volume.getMetadata().getName());
    Meanwhile.gone(() -> {
      if (volume.getMetadata().getFinalizersList().contains(VolumeMarks.PROVISIONER_FINALIZER)) {
        PersistentVolume _ =
            volumeResources.update(
                ProtectionController.without(volume, VolumeMarks.PROVISIONER_FINALIZER));
      }
      if (delete) {
        volumeResources.delete(
            "",
            volume.getMetadata().getName(),
            DeletePolicy.DEFAULT.onlyUid(volume.getMetadata().getUid()));
      }
    });
  }

  /// A directory has the space of its disk: to let it grow is to say so. Where the file system
  /// bounds it, its agent follows.
  private Result grow(PersistentVolumeClaim claim) {
    Optional<PersistentVolume> volume =
        volumes
            .find("", claim.getSpec().getVolumeName())
            .filter(one -> LocalState.of(one).filter(s -> s == LocalState.MADE).isPresent());
    if (volume.isEmpty()) {
      return Result.done();
    }
    if (Quantities.compare(Claims.requested(claim), Claims.capacity(volume.get())) > 0) {
      PersistentVolume.Builder grown = volume.get().toBuilder();
      grown.getSpecBuilder().putCapacity("storage", Claims.requested(claim));
      PersistentVolume _ = volumeResources.update(grown.build());
      return Result.done();
    }
    var has = claim.getStatus().getCapacityOrDefault("storage", Quantities.ZERO);
    if (claim.getStatus().getPhase().equals("Bound")
        && Quantities.compare(Claims.capacity(volume.get()), has) > 0) {
      PersistentVolumeClaim.Builder grown = claim.toBuilder();
      grown
          .getStatusBuilder()
          .putCapacity("storage", Claims.capacity(volume.get()))
          .putAllocatedResources("storage", Claims.capacity(volume.get()));
      PersistentVolumeClaim _ = claimResources.updateStatus(grown.build());
      events.normal(
          claim,
          "VolumeResizeSuccessful",
          "Resize volume succeeded: it has " + Claims.capacity(volume.get()).getString());
    }
    return Result.done();
  }
}
