package io.coxswain.client;

import com.google.protobuf.Message;
import io.coxswain.schema.ResourceType;

/// Typed access to every kind of the API. Safe for use by many threads; closing it ends its
/// watches.
public interface ApiClient extends AutoCloseable {

  <T extends Message> Resources<T> resources(ResourceType<T> type);

  default <T extends Message> Resources<T> resources(Class<T> kind) {
    return resources(ResourceType.of(kind));
  }

  @Override
  void close();
}
