package io.coxswain.client.rpc;

import com.google.protobuf.Message;
import io.coxswain.client.ApiClient;
import io.coxswain.client.Resources;
import io.coxswain.client.Transport;
import io.coxswain.schema.ResourceType;

/// The client over any transport. Closing it closes the transport.
public final class TransportClient implements ApiClient {

  private final Transport transport;

  public TransportClient(Transport transport) {
    this.transport = transport;
  }

  @Override
  public <T extends Message> Resources<T> resources(ResourceType<T> type) {
    return new TransportResources<>(transport, type);
  }

  @Override
  public void close() {
    transport.close();
  }
}
