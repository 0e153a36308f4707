package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.storage.MemoryStore;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.schema.ResourceType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/// A registry with a namespace `default` in it, and shorthand for its verbs.
final class TestRegistry implements AutoCloseable {

  static final Instant NOW = Instant.parse("2026-11-23T20:00:00Z");

  final Store store;
  final Registry registry;
  private volatile Instant now = NOW;

  TestRegistry(Store store, Rules rules) {
    this.store = store;
    registry =
        new Registry(
            store,
            rules,
            RegistryOptions.DEFAULT,
            () -> now,
            new SplittableRandom(1),
            new SimpleMeterRegistry());
    registry.start();
    if (!registry.awaitReady(Duration.ofSeconds(20))) {
      throw new IllegalStateException("the registry does not become ready");
    }
  }

  static TestRegistry inMemory() {
    TestRegistry test = new TestRegistry(new MemoryStore(), new BareRules());
    var _ =
        test.create(
            Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("default")).build());
    return test;
  }

  void sleep(Duration time) {
    now = now.plus(time);
  }

  static Target target(Message object) {
    ObjectMeta meta = ObjectMetas.read(object);
    return Target.of(ResourceType.of(object), meta.getNamespace(), meta.getName());
  }

  <T extends Message> T create(T object) {
    return cast(registry.create(target(object), object, WriteOptions.DEFAULT).object());
  }

  <T extends Message> T update(T object) {
    return cast(registry.update(target(object), object, WriteOptions.DEFAULT).object());
  }

  <T extends Message> T updateStatus(T object) {
    return cast(
        registry.update(target(object).part("status"), object, WriteOptions.DEFAULT).object());
  }

  <T extends Message> T read(T like) {
    return cast(registry.read(target(like), "").message());
  }

  Deleted delete(Message object) {
    return delete(object, DeleteOptions.getDefaultInstance());
  }

  Deleted delete(Message object, DeleteOptions how) {
    return registry.delete(target(object), how, WriteOptions.DEFAULT);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the verb answers in kind
  private static <T extends Message> T cast(Message message) {
    return (T) message;
  }

  @Override
  public void close() {
    registry.close();
    store.close();
  }
}
