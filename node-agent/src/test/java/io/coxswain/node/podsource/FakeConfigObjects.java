package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.node.v1.RuntimeClass;
import io.coxswain.client.ObjectKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Objects that are given.
public final class FakeConfigObjects implements ConfigObjects {

  private final Map<String, RuntimeClass> runtimeClasses = new ConcurrentHashMap<>();
  private final Map<ObjectKey, ConfigMap> configMaps = new ConcurrentHashMap<>();
  private final List<Service> services = new CopyOnWriteArrayList<>();
  private final Map<ObjectKey, Secret> secrets = new ConcurrentHashMap<>();

  public FakeConfigObjects with(ConfigMap map) {
    configMaps.put(
        new ObjectKey(map.getMetadata().getNamespace(), map.getMetadata().getName()), map);
    return this;
  }

  public FakeConfigObjects with(Secret secret) {
    secrets.put(
        new ObjectKey(secret.getMetadata().getNamespace(), secret.getMetadata().getName()), secret);
    return this;
  }

  public FakeConfigObjects with(RuntimeClass one) {
    runtimeClasses.put(one.getMetadata().getName(), one);
    return this;
  }

  @Override
  public Optional<RuntimeClass> runtimeClass(String name) {
    return Optional.ofNullable(runtimeClasses.get(name));
  }

  public FakeConfigObjects with(Service service) {
    services.add(service);
    return this;
  }

  @Override
  public Collection<Service> services(String namespace) {
    return services.stream()
        .filter(one -> one.getMetadata().getNamespace().equals(namespace))
        .toList();
  }

  @Override
  public Optional<ConfigMap> configMap(String namespace, String name) {
    return Optional.ofNullable(configMaps.get(new ObjectKey(namespace, name)));
  }

  @Override
  public Optional<Secret> secret(String namespace, String name) {
    return Optional.ofNullable(secrets.get(new ObjectKey(namespace, name)));
  }
}
