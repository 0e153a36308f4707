package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Claims and volumes that are given; and an API that can be away.
public final class FakeStorageObjects implements StorageObjects {

  private final Map<ObjectKey, PersistentVolumeClaim> claims = new ConcurrentHashMap<>();
  private final Map<String, PersistentVolume> volumes = new ConcurrentHashMap<>();
  private volatile boolean away;

  public FakeStorageObjects with(PersistentVolumeClaim claim) {
    claims.put(ObjectMetas.key(claim), claim);
    return this;
  }

  public FakeStorageObjects with(PersistentVolume volume) {
    volumes.put(volume.getMetadata().getName(), volume);
    return this;
  }

  public void away(boolean now) {
    away = now;
  }

  private void reach() {
    if (away) {
      throw new ApiException(new ApiError.Unavailable("the API is away"));
    }
  }

  @Override
  public Optional<PersistentVolumeClaim> claim(String namespace, String name) {
    reach();
    return Optional.ofNullable(claims.get(new ObjectKey(namespace, name)));
  }

  @Override
  public Optional<PersistentVolume> volume(String name) {
    reach();
    return Optional.ofNullable(volumes.get(name));
  }

  @Override
  public PersistentVolumeClaim writeStatus(PersistentVolumeClaim claim) {
    reach();
    claims.put(ObjectMetas.key(claim), claim);
    return claim;
  }

  @Override
  public Map<String, String> nodeLabels() {
    reach();
    return Map.of("kubernetes.io/hostname", "n1");
  }
}
