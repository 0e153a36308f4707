package io.coxswain.client.rpc;

import io.coxswain.client.Transport;

class InMemoryTransportTest extends TransportContract {

  @Override
  protected Transport transport() {
    return api;
  }
}
