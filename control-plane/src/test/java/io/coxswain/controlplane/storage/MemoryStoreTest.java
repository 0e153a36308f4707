package io.coxswain.controlplane.storage;

final class MemoryStoreTest extends StoreContract {

  private final MemoryStore store = new MemoryStore();

  @Override
  protected Store store() {
    return store;
  }
}
