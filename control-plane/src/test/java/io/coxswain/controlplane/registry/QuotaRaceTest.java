package io.coxswain.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.ResourceQuota;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Quantities;
import io.coxswain.controlplane.admission.plugin.PluginChain;
import io.coxswain.controlplane.storage.MemoryStore;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Quotas under many writers at once, some of them at another server on the same store.
final class QuotaRaceTest {

  private final MemoryStore store = new MemoryStore();
  private final TestRegistry one = server();
  private final TestRegistry other = server();

  private TestRegistry server() {
    return new TestRegistry(
        store,
        new AdmissionRules(PluginChain.standard(new SplittableRandom(1), () -> TestRegistry.NOW)));
  }

  @BeforeEach
  void limitToTen() {
    var _ =
        one.create(
            Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("shop")).build());
    ResourceQuota.Builder quota =
        ResourceQuota.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setNamespace("shop").setName("q"));
    quota.getSpecBuilder().putHard("configmaps", Quantities.ofCount(10));
    ResourceQuota made = one.create(quota.build());
    ResourceQuota.Builder counted = made.toBuilder();
    counted
        .getStatusBuilder()
        .putHard("configmaps", Quantities.ofCount(10))
        .putUsed("configmaps", Quantities.ZERO);
    var _ = one.updateStatus(counted.build());
    await()
        .until(() ->
            other.registry.read(TestRegistry.target(made), "0").message()
                    instanceof ResourceQuota seen
                && seen.hasStatus());
  }

  @AfterEach
  void close() {
    one.registry.close();
    other.close();
  }

  private static ConfigMap map(String name) {
    return ConfigMap.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setNamespace("shop").setName(name))
        .build();
  }

  private String used() {
    ResourceQuota quota =
        one.read(
            ResourceQuota.newBuilder()
                .setMetadata(ObjectMeta.newBuilder().setNamespace("shop").setName("q"))
                .build());
    return quota.getStatus().getUsedOrThrow("configmaps").getString();
  }

  @Test
  void noMoreAreMadeThanTheQuotaHas() throws InterruptedException {
    AtomicInteger made = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    Thread[] writers = new Thread[32];
    for (int i = 0; i < writers.length; i++) {
      TestRegistry server = i % 2 == 0 ? one : other;
      String name = "m" + i;
      writers[i] =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  var _ = server.create(map(name));
                  made.incrementAndGet();
                } catch (ApiException e) {
                  assertThat(e).hasMessageContaining("exceeded quota: q, requested: configmaps=1");
                  refused.incrementAndGet();
                }
              });
    }
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(made).hasValue(10);
    assertThat(refused).hasValue(22);
    assertThat(used()).isEqualTo("10");
  }

  @Test
  void aNameThatIsTakenCostsNothing() {
    var _ = one.create(map("m"));
    for (int i = 0; i < 3; i++) {
      try {
        var _ = one.create(map("m"));
      } catch (ApiException e) {
        assertThat(e.isAlreadyExists()).isTrue();
      }
    }
    assertThat(used()).isEqualTo("1");
  }
}
