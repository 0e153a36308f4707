package io.coxswain.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("io.coxswain.controlplane.storage.EtcdServer#installed")
final class EtcdStoreTest extends StoreContract {

  private static EtcdServer server;
  private static EtcdStore store;

  @BeforeAll
  static void start() {
    server = EtcdServer.start();
    store = new EtcdStore(server.options(), new SimpleMeterRegistry());
  }

  @AfterAll
  static void stop() {
    store.close();
    server.close();
  }

  @Override
  protected Store store() {
    return store;
  }

  @Test
  void manyWritesAtOnceAreFewTransactions() throws Exception {
    int writers = 200;
    long before = EtcdRevisions.etcd(store.revision());
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<WriteResult>> tasks = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        String key = "/together/" + UUID.randomUUID();
        tasks.add(() -> store.write(new Write.Create(key, ByteString.copyFromUtf8("value"))));
      }
      for (Future<WriteResult> task : pool.invokeAll(tasks)) {
        assertThat(task.get()).isInstanceOf(WriteResult.Done.class);
      }
    }
    assertThat(EtcdRevisions.etcd(store.revision()) - before).isLessThan(writers / 2);
  }
}
