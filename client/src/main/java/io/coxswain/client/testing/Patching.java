package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;

/// Patches by way of JSON.
final class Patching {

  private Patching() {}

  static Message apply(Message target, Patch patch) {
    if (patch.json().equals("{}")) {
      return target;
    }
    throw new ApiException(
        new ApiError.NotImplemented(
            "patches of type " + patch.type() + " are not built into the API for tests"));
  }
}
