package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import java.util.List;

/// What a write left behind.
///
/// @param object as it is stored now, or would be after a dry run; of a subresource, its own
///   message
/// @param created whether it was not there before
/// @param warnings for the user, one a line
public record Written(Message object, boolean created, List<String> warnings) {

  public Written {
    warnings = List.copyOf(warnings);
  }
}
