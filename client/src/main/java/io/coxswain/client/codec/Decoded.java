package io.coxswain.client.codec;

import com.google.protobuf.Message;
import java.util.List;

/// A message that was read, and what was dropped on the way.
///
/// @param warnings as `unknown field "spec.foo"`; only with [Strictness#WARN]
public record Decoded<T extends Message>(T message, List<String> warnings) {
  public Decoded {
    warnings = List.copyOf(warnings);
  }
}
