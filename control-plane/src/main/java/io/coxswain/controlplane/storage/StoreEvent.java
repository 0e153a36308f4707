package io.coxswain.controlplane.storage;

/// One change of one key.
public sealed interface StoreEvent {

  String key();

  long revision();

  record Put(StoredValue value) implements StoreEvent {
    @Override
    public String key() {
      return value.key();
    }

    @Override
    public long revision() {
      return value.revision();
    }
  }

  record Removed(String key, long revision) implements StoreEvent {}
}
