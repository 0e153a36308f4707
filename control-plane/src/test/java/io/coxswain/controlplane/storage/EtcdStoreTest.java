package io.coxswain.controlplane.storage;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
}
