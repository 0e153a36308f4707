package io.coxswain.controlplane.controller.garbage;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Patch;
import io.coxswain.client.Resources;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.Optional;

/// A kind's objects without what the graph does not need: an informer of it costs some hundred
/// bytes an object, however large the objects are. Only for reading.
record MetadataOnly<T extends Message>(ResourceType<T> type, Resources<T> full)
    implements Resources<T> {

  @Override
  public T read(String namespace, String name) {
    return full.read(namespace, name);
  }

  @Override
  public Optional<T> find(String namespace, String name) {
    return full.find(namespace, name);
  }

  @Override
  public ObjectList<T> list(ListOptions options) {
    ObjectList<T> page = full.list(options);
    return new ObjectList<>(
        page.items().stream().map(this::stripped).toList(),
        page.resourceVersion(),
        page.continueToken());
  }

  @Override
  public Watch<T> watch(ListOptions options) {
    Watch<T> watch = full.watch(options);
    return new Watch<>() {
      @Override
      public Optional<WatchEvent<T>> next(Duration patience) throws InterruptedException {
        return watch
            .next(patience)
            .map(event -> new WatchEvent<>(event.type(), stripped(event.object())));
      }

      @Override
      public void close() {
        watch.close();
      }
    };
  }

  private T stripped(T object) {
    ObjectMeta meta = ObjectMetas.read(object);
    ObjectMeta.Builder kept =
        ObjectMeta.newBuilder()
            .setName(meta.getName())
            .setNamespace(meta.getNamespace())
            .setUid(meta.getUid())
            .setResourceVersion(meta.getResourceVersion())
            .addAllOwnerReferences(meta.getOwnerReferencesList())
            .addAllFinalizers(meta.getFinalizersList());
    if (meta.hasDeletionTimestamp()) {
      kept.setDeletionTimestamp(meta.getDeletionTimestamp());
    }
    return ObjectMetas.replace(type.prototype(), kept.build());
  }

  @Override
  public T create(T object) {
    throw readOnly();
  }

  @Override
  public T update(T object) {
    throw readOnly();
  }

  @Override
  public T updateStatus(T object) {
    throw readOnly();
  }

  @Override
  public Message createSubresource(
      String namespace, String name, String subresource, Message body) {
    throw readOnly();
  }

  @Override
  public T patch(String namespace, String name, Patch patch) {
    throw readOnly();
  }

  @Override
  public T patchStatus(String namespace, String name, Patch patch) {
    throw readOnly();
  }

  @Override
  public void delete(String namespace, String name, DeletePolicy policy) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("metadata is only read here");
  }
}
