package io.coxswain.controlplane.storage;

final class MemoryStoreTest extends StoreContract {

  private final MemoryStore store = new MemoryStore();

  @Override
  Store store() {
    return store;
  }
}
