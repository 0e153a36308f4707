package io.coxswain.controlplane.openapi;

import com.google.protobuf.Descriptors.GenericDescriptor;
import io.coxswain.schema.Schema;
import java.util.Optional;

/// The leading comments of the schema, which are the user's documentation.
final class Comments {

  private Comments() {}

  static Optional<String> of(Schema schema, GenericDescriptor part) {
    return Optional.empty();
  }
}
