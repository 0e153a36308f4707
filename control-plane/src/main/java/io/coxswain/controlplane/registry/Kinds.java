package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.core.v1.Service;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Reflector;
import io.coxswain.controlplane.watch.Selection;
import io.coxswain.controlplane.watch.WatchCache;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/// Every kind that is stored, with its cache and its strategy: the one place that says which kind
/// has which.
final class Kinds {

  private final Map<String, KindStore> byPath = new LinkedHashMap<>();
  private volatile long servings;
  private volatile Custom custom = new Custom(Map.of(), new Catalog(List.of(), List.of()));
  private final List<ResourceType<?>> types = new ArrayList<>();
  private final Rules rules;
  private final InstantSource clock;

  /// Who is told that the cache shows a change of a definition. Set once, before anything is
  /// served.
  private volatile Runnable definitionsChanged = () -> {};

  /// Kinds that people define, and all that are served with them.
  private record Custom(Map<String, KindStore> byPath, Catalog catalog) {}

  private final Store store;
  private final Reflector reflector;
  private final RegistryOptions options;
  private final RandomGenerator random;

  Kinds(
      Store store,
      Reflector reflector,
      Iterable<ResourceType<?>> types,
      Rules rules,
      RegistryOptions options,
      InstantSource clock,
      RandomGenerator random) {
    this.rules = rules;
    this.clock = clock;
    this.store = store;
    this.reflector = reflector;
    this.options = options;
    this.random = random;
    for (ResourceType<?> type : types) {
      this.types.add(type);
      if (type.stored()) {
        add(type);
      }
    }
    custom = new Custom(Map.of(), new Catalog(this.types, List.of()));
  }

  void onDefinitionsChanged(Runnable listener) {
    definitionsChanged = listener;
  }

  /// Serves these kinds that people define, and no others of theirs any more.
  void serve(List<KindStore> theirs) {
    Map<String, KindStore> paths = new LinkedHashMap<>();
    List<CustomKind> described = new ArrayList<>();
    for (KindStore kind : theirs) {
      if (kind.strategy() instanceof CustomStrategy(CustomKind description)) {
        paths.put(path(kind.type()), kind);
        described.add(description);
      }
    }
    custom = new Custom(paths, new Catalog(types, described));
    countServing();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // called with the caller's lock held
  private void countServing() {
    servings = servings + 1;
  }

  /// Grows whenever other kinds are served than before.
  long servings() {
    return servings;
  }

  Catalog catalog() {
    return custom.catalog();
  }

  private void add(ResourceType<?> type) {
    ResourceType<?> storedAs = StorageLayout.storedAs(type);
    boolean same = storedAs.equals(type);
    Optional<Conversion> conversion = same ? Optional.empty() : Optional.of(Conversion.of(type));
    ResourceCodec codec =
        new ResourceCodec(
            type,
            storedAs,
            conversion
                .<UnaryOperator<Message>>map(c -> c::toStored)
                .orElse(UnaryOperator.identity()),
            conversion
                .<UnaryOperator<Message>>map(c -> c::toServed)
                .orElse(UnaryOperator.identity()));
    WatchCache cache =
        new WatchCache(StorageLayout.prefix(type), type.namespaced(), codec, System::nanoTime);
    reflector.add(cache);
    byPath.put(
        path(type),
        new KindStore(type, strategy(type, cache), rules, store, codec, cache, reflector));
  }

  private static String path(ResourceType<?> type) {
    return type.apiVersion() + "/" + type.plural();
  }

  private Strategy strategy(ResourceType<?> type, WatchCache cache) {
    return switch (type.qualifiedPlural()) {
      case "pods" -> new PodStrategy();
      case "services" -> new ServiceStrategy(addresses(cache));
      case "namespaces" -> new NamespaceStrategy();
      case "nodes" -> new NodeStrategy();
      case "customresourcedefinitions.apiextensions.k8s.io" ->
          new DefinitionStrategy(() -> definitions(cache), clock, () -> definitionsChanged.run());
      case "validatingwebhookconfigurations.admissionregistration.k8s.io",
          "mutatingwebhookconfigurations.admissionregistration.k8s.io",
          "validatingadmissionpolicybindings.admissionregistration.k8s.io",
          "mutatingadmissionpolicies.admissionregistration.k8s.io",
          "mutatingadmissionpolicybindings.admissionregistration.k8s.io" ->
          new ObeyedStrategy();
      case "validatingadmissionpolicies.admissionregistration.k8s.io" ->
          new PolicyStrategy(this::catalog);
      case "certificatesigningrequests.certificates.k8s.io" -> new CertificateStrategy(clock);
      case "events", "events.events.k8s.io" -> new EventStrategy(options.eventsKept());
      case "deployments.apps" -> new MarkedStrategy(Strategy.StatusMetadata.ANNOTATIONS);
      case "apiservices.apiregistration.k8s.io", "volumeattachments.storage.k8s.io" ->
          new MarkedStrategy(Strategy.StatusMetadata.NOTHING);
      case "persistentvolumes", "persistentvolumeclaims" -> new VolumeStrategy(clock);
      case "replicationcontrollers" -> new OrphaningStrategy();
      case "resourceclaims.resource.k8s.io" -> new ClaimStrategy();
      case "resourceslices.resource.k8s.io" -> new SliceStrategy(clock);
      case "configmaps",
          "secrets",
          "serviceaccounts",
          "podtemplates",
          "limitranges",
          "endpointslices.discovery.k8s.io",
          "priorityclasses.scheduling.k8s.io",
          "resourceclaimtemplates.resource.k8s.io",
          "storageclasses.storage.k8s.io" ->
          new UncountedStrategy(false);
      case "endpoints",
          "resourcequotas",
          "leases.coordination.k8s.io",
          "roles.rbac.authorization.k8s.io",
          "rolebindings.rbac.authorization.k8s.io",
          "clusterroles.rbac.authorization.k8s.io",
          "clusterrolebindings.rbac.authorization.k8s.io" ->
          new UncountedStrategy(true);
      default -> Strategy.PLAIN;
    };
  }

  private static List<CustomResourceDefinition> definitions(WatchCache cache) {
    List<CustomResourceDefinition> definitions = new ArrayList<>();
    for (CachedObject object : cache.list(Selection.ALL).objects()) {
      definitions.add((CustomResourceDefinition) object.message());
    }
    return definitions;
  }

  private ServiceAddresses addresses(WatchCache cache) {
    return new ServiceAddresses(
        () -> {
          List<Service> services = new ArrayList<>();
          for (CachedObject object : cache.list(Selection.ALL).objects()) {
            services.add((Service) object.message());
          }
          return services;
        },
        new Taken(cache::revision),
        options,
        random);
  }

  /// @throws ApiException when the kind is not one that is stored
  KindStore of(ResourceType<?> type) {
    KindStore kind = byPath.get(path(type));
    if (kind == null) {
      kind = custom.byPath().get(path(type));
    }
    if (kind == null && type.prototype() instanceof CustomObject) {
      throw new ApiException(
          new ApiError.NotFound(
              type.group(), type.plural(), "", "the server could not find the requested resource"));
    }
    if (kind == null) {
      throw new ApiException(
          new ApiError.MethodNotAllowed(
              "the server does not allow this method on the requested resource: "
                  + type.qualifiedPlural()
                  + " are answered and not stored"));
    }
    return kind;
  }

  /// How many objects there are of a kind; none of one that is not stored.
  int stored(ResourceType<?> type) {
    KindStore kind = byPath.get(path(type));
    if (kind == null) {
      kind = custom.byPath().get(path(type));
    }
    return kind == null ? 0 : kind.cache().size();
  }

  KindStore of(Class<? extends Message> kind) {
    return of(ResourceType.of(kind));
  }

  Iterable<KindStore> all() {
    return byPath.values();
  }
}
