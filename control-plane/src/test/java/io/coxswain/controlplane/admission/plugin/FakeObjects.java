package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.client.codec.ObjectMetas;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Objects that are given. Nobody waits.
final class FakeObjects implements StoredObjects {

  private final List<Message> objects = new ArrayList<>();
  int waits;

  FakeObjects with(Message... more) {
    objects.addAll(List.of(more));
    return this;
  }

  @Override
  public <T extends Message> Optional<T> find(Class<T> kind, String namespace, String name) {
    return list(kind, namespace).stream()
        .filter(object -> ObjectMetas.read(object).getName().equals(name))
        .findFirst();
  }

  @Override
  public <T extends Message> Optional<T> latest(Class<T> kind, String namespace, String name) {
    return find(kind, namespace, name);
  }

  @Override
  public <T extends Message> Optional<T> await(
      Class<T> kind, String namespace, String name, Duration patience) {
    waits++;
    return find(kind, namespace, name);
  }

  @Override
  public <T extends Message> List<T> list(Class<T> kind, String namespace) {
    return objects.stream()
        .filter(kind::isInstance)
        .filter(object ->
            namespace.isEmpty() || ObjectMetas.read(object).getNamespace().equals(namespace))
        .map(kind::cast)
        .toList();
  }

  @Override
  public <T extends Message> Optional<T> replace(T changed) {
    objects.removeIf(object ->
        object.getClass().equals(changed.getClass())
            && ObjectMetas.key(object).equals(ObjectMetas.key(changed)));
    objects.add(changed);
    return Optional.of(changed);
  }
}
