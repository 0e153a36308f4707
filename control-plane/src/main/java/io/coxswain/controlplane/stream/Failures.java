package io.coxswain.controlplane.stream;

import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;

/// Reads the Status with which a node ends a stream.
final class Failures {

  private Failures() {}

  /// Why it failed, for a person; empty when it did not.
  static String text(byte[] statusJson) {
    try {
      Status status =
          new JsonCodec()
              .decode(statusJson, Status.getDefaultInstance(), Strictness.IGNORE)
              .message();
      return status.getStatus().equals("Success") ? "" : status.getMessage();
    } catch (ApiException e) {
      return "the node ended the stream with an unreadable status";
    }
  }
}
