package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.client.ObjectKey;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Objects that are given.
public final class FakeConfigObjects implements ConfigObjects {

  private final Map<ObjectKey, ConfigMap> configMaps = new ConcurrentHashMap<>();
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

  @Override
  public Optional<ConfigMap> configMap(String namespace, String name) {
    return Optional.ofNullable(configMaps.get(new ObjectKey(namespace, name)));
  }

  @Override
  public Optional<Secret> secret(String namespace, String name) {
    return Optional.ofNullable(secrets.get(new ObjectKey(namespace, name)));
  }
}
