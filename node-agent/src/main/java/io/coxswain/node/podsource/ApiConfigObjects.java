package io.coxswain.node.podsource;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.node.v1.RuntimeClass;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.informer.Informer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Asks the API, at most once in a second for one object, so that a hundred pods with one ConfigMap
/// that start together cost one read. What is not there is asked for each time.
public final class ApiConfigObjects implements ConfigObjects {

  private static final int MOST = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Recent<ConfigMap> configMaps;
  private final Recent<Secret> secrets;
  private final Recent<RuntimeClass> runtimeClasses;
  private final Informer<Service> services;

  /// @param services started by somebody else
  public ApiConfigObjects(
      ApiClient client, Informer<Service> services, Duration fresh, Clock clock) {
    this.services = services;
    this.configMaps = new Recent<>(client.resources(ConfigMap.class), fresh, clock);
    this.secrets = new Recent<>(client.resources(Secret.class), fresh, clock);
    this.runtimeClasses = new Recent<>(client.resources(RuntimeClass.class), fresh, clock);
  }

  @Override
  public Optional<ConfigMap> configMap(String namespace, String name) {
    return configMaps.find(new ObjectKey(namespace, name));
  }

  @Override
  public Optional<Secret> secret(String namespace, String name) {
    return secrets.find(new ObjectKey(namespace, name));
  }

  @Override
  public Optional<RuntimeClass> runtimeClass(String name) {
    return runtimeClasses.find(new ObjectKey("", name));
  }

  @Override
  public Collection<Service> services(String namespace) {
    try {
      if (!services.awaitSync(PATIENCE)) {
        throw new ApiException(
            new ApiError.Unavailable("Services have not been listed yet, so they cannot be named"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(new ApiError.Unavailable("interrupted while Services were listed"));
    }
    return services.listIn(namespace);
  }

  private static final class Recent<T extends Message> {

    private record Read<T>(T object, Instant at) {}

    private final Map<ObjectKey, Read<T>> reads = new LinkedHashMap<>();
    private final Resources<T> resources;
    private final Duration fresh;
    private final Clock clock;

    Recent(Resources<T> resources, Duration fresh, Clock clock) {
      this.resources = resources;
      this.fresh = fresh;
      this.clock = clock;
    }

    synchronized Optional<T> find(ObjectKey key) {
      Instant now = clock.instant();
      Read<T> known = reads.get(key);
      if (known != null && known.at().plus(fresh).isAfter(now)) {
        return Optional.of(known.object());
      }
      Optional<T> read = resources.find(key.namespace(), key.name());
      reads.remove(key);
      reads.values().removeIf(one -> !one.at().plus(fresh).isAfter(now));
      if (read.isPresent() && reads.size() < MOST) {
        reads.put(key, new Read<>(read.get(), now));
      }
      return read;
    }
  }
}
