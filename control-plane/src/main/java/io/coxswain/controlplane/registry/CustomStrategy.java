package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.custom.CustomObject;

/// Kinds that people define have nothing of their own but an end and a scale.
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

  @Override
  public StatusMetadata writtenWithStatus() {
    return StatusMetadata.NOTHING;
  }

  @Override
  public Scale scale(Message object) {
    return CustomScales.of((CustomObject) object, kind.version().getSubresources().getScale());
  }

  @Override
  public Message scaled(Message object, Scale scale) {
    return CustomScales.applied(
        (CustomObject) object, kind.version().getSubresources().getScale(), scale);
  }
}
