package io.coxswain.controlplane.controller.garbage;

import com.google.protobuf.Message;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import io.coxswain.client.ApiClient;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.CustomTypes;
import io.coxswain.controlplane.controller.framework.ExtensionKinds;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.controlplane.controller.garbage.GarbagePlan.OwnerState;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// Reads the metadata of every stored kind but events, and of the kinds of other API servers.
/// Deletes objects whose owners are all gone, removes references to owners that are gone, and takes
/// away the finalizers `foregroundDeletion` and `orphan` once what they stand for is done. An owner
/// that is not known is looked up before anything is deleted for its absence.
public final class GarbageController implements Controller {

  private static final int WORKERS = 4;
  private static final Duration UNTIL_SYNCED = Duration.ofMillis(250);
  private static final Duration UNTIL_SEEN = Duration.ofSeconds(2);
  // Watched by others in full already: one informer serves both.
  private static final Set<Class<? extends Message>> SHARED =
      Set.of(
          Pod.class,
          ReplicaSet.class,
          Deployment.class,
          Node.class,
          Service.class,
          Endpoints.class,
          EndpointSlice.class,
          Namespace.class,
          PodDisruptionBudget.class,
          CustomResourceDefinition.class);
  private static final Duration OTHERS_PATIENCE = Duration.ofSeconds(30);
  private static final Set<String> UNOWNED = Set.of("events", "componentstatuses");

  private final ApiClient client;
  private final OwnerGraph graph = new OwnerGraph();
  private final List<Informer<?>> own = new CopyOnWriteArrayList<>();
  private final List<Informer<?>> all = new CopyOnWriteArrayList<>();
  private final CustomTypes custom;
  private final ExtensionKinds extensions;
  private final Clock clock;

  /// Whose word it is that there is a kind.
  private enum Source {
    DEFINITION,
    EXTENSION
  }

  /// @param name of the definition; plural and group of a kind of another server
  private record Place(Source source, String name) {}

  /// Guarded by itself.
  private final Map<Place, Followed> followed = new HashMap<>();

  private boolean started;

  private record Followed(
      String uid, ResourceType<CustomObject> type, Informer<?> informer, Instant since) {}

  private final Work work;

  public GarbageController(ControllerContext context, ExtensionKinds extensions) {
    this.client = context.client();
    this.extensions = extensions;
    this.clock = context.clock();
    this.work =
        new Work(
            "garbage",
            WORKERS,
            context,
            this::reconcile,
            () -> graph.interesting().stream().map(uid -> new ObjectKey("", uid)).toList());
    kinds()
        .forEach(type -> {
          var _ = watch(context, type);
        });
    this.custom = new CustomTypes(context.informers());
    custom
        .definitions()
        .addHandler(
            new Handler<>() {
              @Override
              public void added(CustomResourceDefinition definition) {
                follow(context, definition);
              }

              @Override
              public void updated(CustomResourceDefinition before, CustomResourceDefinition after) {
                follow(context, after);
              }

              @Override
              public void deleted(CustomResourceDefinition last) {
                unfollow(new Place(Source.DEFINITION, last.getMetadata().getName()));
              }
            });
    extensions.onChange(() -> followExtensions(context));
    followExtensions(context);
  }

  @Override
  public Work work() {
    return work;
  }

  /// Its own informers go on through changes of leadership, as the shared ones do.
  @Override
  public void start() {
    synchronized (followed) {
      started = true;
      own.forEach(Informer::start);
    }
    work.start();
  }

  /// Ends what [#start] began and leadership does not end.
  public void closeInformers() {
    own.forEach(Informer::close);
  }

  // A kind that is served in two versions is one kind.
  private static List<ResourceType<? extends Message>> kinds() {
    Map<String, ResourceType<? extends Message>> kinds = new LinkedHashMap<>();
    for (ResourceType<? extends Message> type : Schema.api().types()) {
      if (type.stored() && !UNOWNED.contains(type.plural())) {
        kinds.put(type.qualifiedPlural(), type);
      }
    }
    return List.copyOf(kinds.values());
  }

  private void follow(ControllerContext context, CustomResourceDefinition definition) {
    follow(
        context,
        new Place(Source.DEFINITION, definition.getMetadata().getName()),
        definition.getMetadata().getUid(),
        CustomTypes.of(definition));
  }

  /// Kinds of other servers, as long as they are registered: while a server does not answer, what
  /// was known of it stays.
  private void followExtensions(ControllerContext context) {
    synchronized (followed) {
      Set<Place> registered = new HashSet<>();
      for (ExtensionKinds.Kind kind : extensions.registered()) {
        if (kind.watched()) {
          Place place = new Place(Source.EXTENSION, kind.type().qualifiedPlural());
          registered.add(place);
          follow(context, place, "", Optional.of(kind.type()));
        }
      }
      List.copyOf(followed.keySet()).stream()
          .filter(place -> place.source() == Source.EXTENSION && !registered.contains(place))
          .forEach(this::unfollow);
    }
  }

  private void follow(
      ControllerContext context,
      Place place,
      String uid,
      Optional<ResourceType<CustomObject>> type) {
    synchronized (followed) {
      Followed known = followed.get(place);
      boolean same =
          known != null
              && type.isPresent()
              && known.uid().equals(uid)
              && known.type().apiVersion().equals(type.get().apiVersion())
              && known.type().kind().equals(type.get().kind());
      if (same) {
        return;
      }
      unfollow(place);
      if (type.isPresent()) {
        Informer<?> informer = watch(context, type.get());
        followed.put(place, new Followed(uid, type.get(), informer, context.clock().instant()));
        if (started) {
          informer.start();
        }
      }
    }
  }

  private void unfollow(Place place) {
    synchronized (followed) {
      Followed gone = followed.remove(place);
      if (gone != null) {
        own.remove(gone.informer());
        all.remove(gone.informer());
        gone.informer().close();
      }
    }
  }

  private <T extends Message> Informer<T> watch(ControllerContext context, ResourceType<T> type) {
    Informer<T> informer;
    if (SHARED.contains(type.prototype().getClass())) {
      informer = context.informers().informer(type, ListOptions.ALL);
    } else {
      informer = Informer.of(new MetadataOnly<>(type, client.resources(type)), ListOptions.ALL);
      own.add(informer);
    }
    all.add(informer);
    informer.addHandler(
        new Handler<>() {
          @Override
          public void added(T object) {
            changed(GraphNode.of(type, ObjectMetas.read(object)));
          }

          @Override
          public void updated(T before, T after) {
            GraphNode node = GraphNode.of(type, ObjectMetas.read(after));
            if (!node.equals(GraphNode.of(type, ObjectMetas.read(before)))) {
              changed(node);
            }
          }

          @Override
          public void deleted(T last) {
            gone(GraphNode.of(type, ObjectMetas.read(last)));
          }
        });
    return informer;
  }

  private void changed(GraphNode node) {
    Optional<GraphNode> before = graph.find(node.uid());
    graph.put(node);
    // An owner that waits may have waited for this one alone.
    before.map(GraphNode::owners).orElse(List.of()).stream()
        .map(OwnerReference::getUid)
        .filter(owner -> !node.blocks(owner))
        .forEach(this::enqueue);
    if (!node.owners().isEmpty() || node.deleting()) {
      enqueue(node.uid());
    }
  }

  private void gone(GraphNode node) {
    graph.remove(node.uid());
    graph.dependents(node.uid()).forEach(dependent -> enqueue(dependent.uid()));
    node.owners().forEach(owner -> enqueue(owner.getUid()));
  }

  private void enqueue(String uid) {
    work.enqueue(new ObjectKey("", uid));
  }

  private Result reconcile(ObjectKey key) {
    String uid = key.name();
    Optional<GraphNode> found = graph.find(uid);
    if (found.isEmpty()) {
      return Result.done();
    }
    GraphNode node = found.get();
    if (node.deleting() && !all.stream().allMatch(this::isComplete)) {
      // Nobody may be let go while those who hold it are not all known.
      return Result.after(UNTIL_SYNCED);
    }
    Map<String, OwnerState> owners = owners(node);
    switch (GarbagePlan.of(
        node, graph.dependents(uid), owners, dependent -> graph.awaits(dependent, uid))) {
      case GarbagePlan.Keep() -> {}
      case GarbagePlan.Delete(var propagation) -> delete(node, propagation);
      case GarbagePlan.DropOwners(var uids) -> dropOwners(node, uids);
      case GarbagePlan.DropFinalizer(var finalizer) -> dropFinalizer(node, finalizer);
      case GarbagePlan.AwaitDependents(var dependents) ->
          dependents.forEach(dependent -> enqueue(dependent.uid()));
      case GarbagePlan.LetGo(var dependents) -> {
        dependents.forEach(dependent -> dropOwners(dependent, Set.of(uid)));
        return Result.after(UNTIL_SYNCED);
      }
    }
    return waitsForPicture(node, owners) ? Result.after(UNTIL_SEEN) : Result.done();
  }

  /// Whether everything that it follows is known. Another server that does not answer, or does not
  /// let its objects be listed, holds up nobody for long.
  private boolean isComplete(Informer<?> informer) {
    if (informer.synced()) {
      return true;
    }
    List<String> silent = extensions.silent();
    Instant longAgo = clock.instant().minus(OTHERS_PATIENCE);
    synchronized (followed) {
      return followed.entrySet().stream()
          .filter(one -> one.getKey().source() == Source.EXTENSION)
          .map(Map.Entry::getValue)
          .filter(one -> one.informer().equals(informer))
          .anyMatch(
              one -> silent.contains(one.type().apiVersion()) || one.since().isBefore(longAgo));
    }
  }

  /// Whether an owner is there that no informer has shown yet, as one of a kind that was defined a
  /// moment ago. Should it go before it is ever shown, nobody would tell.
  private boolean waitsForPicture(GraphNode node, Map<String, OwnerState> owners) {
    return node.owners().stream()
        .anyMatch(owner ->
            owners.get(owner.getUid()) == OwnerState.THERE
                && graph.find(owner.getUid()).isEmpty()
                && reachable(node, owner).isPresent());
  }

  private Map<String, OwnerState> owners(GraphNode node) {
    Map<String, OwnerState> states = new HashMap<>();
    if (!node.deleting()) {
      node.owners().forEach(owner -> states.put(owner.getUid(), state(node, owner)));
    }
    return states;
  }

  private OwnerState state(GraphNode node, OwnerReference owner) {
    Optional<GraphNode> known = graph.find(owner.getUid());
    if (known.isPresent()) {
      return known.get().waitsForDependents() ? OwnerState.WAITING : OwnerState.THERE;
    }
    Optional<ResourceType<?>> type = reachable(node, owner);
    if (type.isEmpty()) {
      // Of what cannot be looked up, nobody can say that it is gone.
      return OwnerState.THERE;
    }
    String namespace = type.get().namespaced() ? node.key().namespace() : "";
    return client
        .resources(type.get())
        .find(namespace, owner.getName())
        .map(found -> ObjectMetas.read(found).getUid())
        .filter(owner.getUid()::equals)
        .map(same -> OwnerState.THERE)
        .orElse(OwnerState.GONE);
  }

  /// The type of an owner, if it is one that can be looked up.
  private Optional<ResourceType<?>> reachable(GraphNode node, OwnerReference owner) {
    int slash = owner.getApiVersion().indexOf('/');
    String group = slash < 0 ? "" : owner.getApiVersion().substring(0, slash);
    String version = owner.getApiVersion().substring(slash + 1);
    return Schema.api()
        .findKind(group, version, owner.getKind())
        .or(() -> custom.find(group, owner.getKind()))
        .or(() -> extension(group, owner.getKind()))
        .filter(type -> !type.namespaced() || !node.key().namespace().isEmpty());
  }

  private Optional<ResourceType<CustomObject>> extension(String group, String kind) {
    return extensions.registered().stream()
        .map(ExtensionKinds.Kind::type)
        .filter(type -> type.group().equals(group) && type.kind().equals(kind))
        .findFirst();
  }

  private void delete(GraphNode node, DeletePolicy.Propagation propagation) {
    // Gone, or another object of that name by now.
    Meanwhile.goneOrChanged(() -> {
      client
          .resources(node.type())
          .delete(
              node.key().namespace(),
              node.key().name(),
              DeletePolicy.DEFAULT.onlyUid(node.uid()).propagating(propagation));
    });
  }

  private void dropOwners(GraphNode node, Set<String> uids) {
    edit(
        node,
        client.resources(node.type()),
        meta -> {
          ObjectMeta without = meta;
          for (String uid : uids) {
            without = OwnerReferences.remove(without, uid);
          }
          return without;
        });
  }

  private void dropFinalizer(GraphNode node, String finalizer) {
    edit(
        node,
        client.resources(node.type()),
        meta -> {
          List<String> left =
              meta.getFinalizersList().stream().filter(f -> !f.equals(finalizer)).toList();
          return meta.toBuilder().clearFinalizers().addAllFinalizers(left).build();
        });
  }

  private static <T extends Message> void edit(
      GraphNode node, Resources<T> kind, java.util.function.UnaryOperator<ObjectMeta> change) {
    Optional<T> fresh = kind.find(node.key().namespace(), node.key().name());
    if (fresh.isEmpty()) {
      return;
    }
    ObjectMeta before = ObjectMetas.read(fresh.get());
    ObjectMeta after = change.apply(before);
    if (!before.getUid().equals(node.uid()) || after.equals(before)) {
      return;
    }
    T ignored = kind.update(ObjectMetas.replace(fresh.get(), after));
  }
}
