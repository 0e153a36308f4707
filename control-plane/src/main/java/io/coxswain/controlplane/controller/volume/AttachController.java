package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.volume.Claims;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.OwnWrites;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Has volumes of storage drivers attached to the nodes whose pods use them, and detached when no
/// pod does and the node says that it has let go of them. The driver's own program
/// (external-attacher) does the work and says in the VolumeAttachment how far it is; the node's
/// agent waits for that. Reads pods, claims, volumes, drivers and nodes; creates and deletes
/// VolumeAttachments.
public final class AttachController implements Controller {

  private static final String BY_NODE = "node";
  private static final String BY_VOLUME = "volume";
  private static final Duration TAKEN_AGAIN = Duration.ofSeconds(30);
  private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);

  /// Two would each give a volume that is nowhere to another node.
  private static final int WORKERS = 1;

  private final PodIndexes pods;
  private final Informer<PersistentVolumeClaim> claims;
  private final Informer<PersistentVolume> volumes;
  private final Informer<CSIDriver> drivers;
  private final Informer<VolumeAttachment> attachments;
  private final Informer<Node> nodes;
  private final Resources<VolumeAttachment> resources;
  private final EventRecorder events;
  private final Clock clock;
  private final OwnWrites writes = new OwnWrites();
  private final Work work;

  public AttachController(ControllerContext context, PodIndexes pods) {
    this.pods = pods;
    this.claims = context.informers().informer(PersistentVolumeClaim.class);
    this.volumes = context.informers().informer(PersistentVolume.class);
    this.drivers = context.informers().informer(CSIDriver.class);
    this.attachments =
        context
            .informers()
            .informer(VolumeAttachment.class)
            .addIndex(BY_NODE, one -> List.of(one.getSpec().getNodeName()))
            .addIndex(
                BY_VOLUME, one -> List.of(one.getSpec().getSource().getPersistentVolumeName()));
    this.nodes = context.informers().informer(Node.class);
    this.resources = context.client().resources(VolumeAttachment.class);
    this.events = context.events();
    this.clock = context.clock();
    this.work = new Work("attach-detach", WORKERS, context, this::reconcile, this::everything);
    pods.informer()
        .addHandler(
            Handler.each(pod -> {
              if (!Claims.namesOf(pod).isEmpty()) {
                look(pod.getSpec().getNodeName());
              }
            }));
    claims.addHandler(
        Handler.each(claim ->
            pods.usingClaim(ObjectMetas.key(claim)).stream()
                .map(pod -> pod.getSpec().getNodeName())
                .forEach(this::look)));
    attachments.addHandler(
        Handler.each(one -> {
          look(one.getSpec().getNodeName());
          // who waits for it elsewhere
          waiting(one.getSpec().getSource().getPersistentVolumeName()).forEach(this::look);
        }));
    drivers.addHandler(Handler.each(_ -> everything().forEach(work::enqueue)));
    nodes.addHandler(
        new Handler<>() {
          @Override
          public void updated(Node before, Node after) {
            boolean others =
                !before
                        .getStatus()
                        .getVolumesInUseList()
                        .equals(after.getStatus().getVolumesInUseList())
                    || !before
                        .getStatus()
                        .getConditionsList()
                        .equals(after.getStatus().getConditionsList());
            if (others && !attachments.byIndex(BY_NODE, after.getMetadata().getName()).isEmpty()) {
              look(after.getMetadata().getName());
            }
          }

          @Override
          public void deleted(Node last) {
            look(last.getMetadata().getName());
          }
        });
  }

  @Override
  public Work work() {
    return work;
  }

  private void look(String node) {
    if (!node.isEmpty()) {
      work.enqueue(new ObjectKey("", node));
    }
  }

  private List<ObjectKey> everything() {
    Set<ObjectKey> keys = new HashSet<>();
    nodes.list().forEach(node -> keys.add(ObjectMetas.key(node)));
    attachments.list().forEach(one -> keys.add(new ObjectKey("", one.getSpec().getNodeName())));
    return List.copyOf(keys);
  }

  /// Nodes with pods that use the volume.
  private List<String> waiting(String volume) {
    return volumes.find(new ObjectKey("", volume)).stream()
        .map(one -> one.getSpec().getClaimRef())
        .flatMap(
            claim -> pods.usingClaim(new ObjectKey(claim.getNamespace(), claim.getName())).stream())
        .map(pod -> pod.getSpec().getNodeName())
        .distinct()
        .toList();
  }

  private Result reconcile(ObjectKey key) {
    String name = key.name();
    List<PersistentVolume> wanted = new ArrayList<>();
    Set<String> starting = new HashSet<>();
    for (Pod pod : pods.onNode(name)) {
      if (!PodFacts.isFinished(pod)) {
        List<PersistentVolume> has = volumes(pod);
        has.stream().filter(this::isAttached).forEach(wanted::add);
        if (pod.getStatus().getPhase().equals("Pending")) {
          has.forEach(volume -> starting.add(volume.getMetadata().getName()));
        }
      }
    }
    // A volume that was just given to another node must not be given to this one as well.
    if (!wanted.stream().allMatch(this::isHeard)) {
      return Result.after(UNTIL_SEEN);
    }
    List<VolumeAttachment> others = new ArrayList<>();
    for (PersistentVolume volume : wanted) {
      attachments.byIndex(BY_VOLUME, volume.getMetadata().getName()).stream()
          .filter(one -> !one.getSpec().getNodeName().equals(name))
          .forEach(others::add);
    }
    AttachPlan plan =
        AttachPlan.of(
            new AttachPlan.Snapshot(
                nodes.find(key),
                name,
                wanted,
                attachments.byIndex(BY_NODE, name),
                others,
                unasked(),
                starting,
                clock.instant()));
    plan.attach().forEach(volume -> attach(volume, name));
    plan.detach()
        .forEach(one ->
            Meanwhile.gone(
                () -> resources.delete("", one.getMetadata().getName(), DeletePolicy.DEFAULT)));
    plan.elsewhere().forEach(volume -> tell(volume, name));
    if (!plan.elsewhere().isEmpty()) {
      return Result.after(TAKEN_AGAIN);
    }
    return plan.again()
        .map(at -> Result.after(Duration.between(clock.instant(), at).plusSeconds(1)))
        .orElse(Result.done());
  }

  /// Whether the informer knows of the attachments that were made of the volume.
  private boolean isHeard(PersistentVolume volume) {
    ObjectKey key = ObjectMetas.key(volume);
    if (writes.isInDoubt(key)) {
      writes.settle(key, resources.list(ListOptions.ALL.page(1, "")).resourceVersion());
    }
    return writes.seen(key, attachments.resourceVersion());
  }

  /// What the pod's claims are bound to.
  private List<PersistentVolume> volumes(Pod pod) {
    List<PersistentVolume> bound = new ArrayList<>();
    for (String name : Claims.namesOf(pod)) {
      claims
          .find(new ObjectKey(pod.getMetadata().getNamespace(), name))
          .filter(Claims::isBound)
          .flatMap(claim ->
              volumes
                  .find(new ObjectKey("", claim.getSpec().getVolumeName()))
                  .filter(volume -> Claims.isFor(volume, claim)))
          .ifPresent(bound::add);
    }
    return bound;
  }

  /// A driver of which nobody says anything wants to be asked.
  private boolean isAttached(PersistentVolume volume) {
    var source = volume.getSpec().getPersistentVolumeSource();
    if (!source.hasCsi()) {
      return false;
    }
    return drivers
        .find(new ObjectKey("", source.getCsi().getDriver()))
        .filter(AttachController::isUnasked)
        .isEmpty();
  }

  private static boolean isUnasked(CSIDriver driver) {
    return driver.getSpec().hasAttachRequired() && !driver.getSpec().getAttachRequired();
  }

  private Set<String> unasked() {
    return drivers.list().stream()
        .filter(AttachController::isUnasked)
        .map(driver -> driver.getMetadata().getName())
        .collect(Collectors.toSet());
  }

  private void attach(PersistentVolume volume, String node) {
    VolumeAttachment.Builder made = VolumeAttachment.newBuilder();
    made.getMetadataBuilder().setName(AttachPlan.attachment(volume, node));
    made.getSpecBuilder()
        .setAttacher(volume.getSpec().getPersistentVolumeSource().getCsi().getDriver())
        .setNodeName(node)
        .getSourceBuilder()
        .setPersistentVolumeName(volume.getMetadata().getName());
    ObjectKey key = ObjectMetas.key(volume);
    try {
      VolumeAttachment created = resources.create(made.build());
      writes.wrote(key, created.getMetadata().getResourceVersion());
    } catch (ApiException e) {
      // it may be there now, also when nobody answered
      writes.inDoubt(key);
      if (!e.isAlreadyExists()) {
        throw e;
      }
    }
  }

  private void tell(PersistentVolume volume, String node) {
    var claim = volume.getSpec().getClaimRef();
    String name = volume.getMetadata().getName();
    for (Pod pod : pods.usingClaim(new ObjectKey(claim.getNamespace(), claim.getName()))) {
      if (pod.getSpec().getNodeName().equals(node)) {
        events.warning(
            pod,
            "FailedAttachVolume",
            "Multi-Attach error for volume \"%s\" Volume is already exclusively attached to one node and can't be attached to another"
                .formatted(name));
      }
    }
  }
}
