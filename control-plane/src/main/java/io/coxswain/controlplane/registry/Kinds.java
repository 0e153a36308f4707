package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Service;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Reflector;
import io.coxswain.controlplane.watch.Selection;
import io.coxswain.controlplane.watch.WatchCache;
import io.coxswain.schema.ResourceType;
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
  private final Store store;
  private final Reflector reflector;
  private final RegistryOptions options;
  private final RandomGenerator random;

  Kinds(
      Store store,
      Reflector reflector,
      Iterable<ResourceType<?>> types,
      RegistryOptions options,
      RandomGenerator random) {
    this.store = store;
    this.reflector = reflector;
    this.options = options;
    this.random = random;
    for (ResourceType<?> type : types) {
      if (type.stored()) {
        add(type);
      }
    }
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
        path(type), new KindStore(type, strategy(type, cache), store, codec, cache, reflector));
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
      case "events", "events.events.k8s.io" -> new EventStrategy(options.eventsKept());
      case "replicationcontrollers" -> new OrphaningStrategy();
      case "configmaps",
          "secrets",
          "serviceaccounts",
          "podtemplates",
          "limitranges",
          "resourcequotas",
          "persistentvolumes",
          "persistentvolumeclaims",
          "endpointslices.discovery.k8s.io",
          "priorityclasses.scheduling.k8s.io",
          "storageclasses.storage.k8s.io" ->
          new UncountedStrategy(false);
      case "endpoints",
          "leases.coordination.k8s.io",
          "roles.rbac.authorization.k8s.io",
          "rolebindings.rbac.authorization.k8s.io",
          "clusterroles.rbac.authorization.k8s.io",
          "clusterrolebindings.rbac.authorization.k8s.io" ->
          new UncountedStrategy(true);
      default -> Strategy.PLAIN;
    };
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
      throw new ApiException(
          new ApiError.MethodNotAllowed(
              "the server does not allow this method on the requested resource: "
                  + type.qualifiedPlural()
                  + " are answered and not stored"));
    }
    return kind;
  }

  KindStore of(Class<? extends Message> kind) {
    return of(ResourceType.of(kind));
  }

  Iterable<KindStore> all() {
    return byPath.values();
  }
}
