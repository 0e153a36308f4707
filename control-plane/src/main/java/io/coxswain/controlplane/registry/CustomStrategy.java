package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.customresource.CustomKind;

/// Kinds that people define have nothing of their own, but an end.
record CustomStrategy(CustomKind kind) implements Strategy {

  @Override
  public Message prepareCreate(Message object) {
    if (kind.terminating()) {
      throw new ApiException(
          new ApiError.MethodNotAllowed(
              "create not allowed while custom resource definition is terminating"));
    }
    return object;
  }
}
