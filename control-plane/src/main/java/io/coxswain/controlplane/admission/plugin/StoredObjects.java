package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The stored objects that plug-ins look at. What is found may be some milliseconds old, and costs
/// the store nothing, unless said otherwise. Objects are shared and immutable.
public interface StoredObjects {

  /// @param namespace empty for kinds of the whole cluster
  <T extends Message> Optional<T> find(Class<T> kind, String namespace, String name);

  /// As the store has it now, by asking it.
  <T extends Message> Optional<T> latest(Class<T> kind, String namespace, String name);

  /// Waits until the object is there. Blocks.
  <T extends Message> Optional<T> await(
      Class<T> kind, String namespace, String name, Duration patience);

  /// @param namespace empty for all
  <T extends Message> List<T> list(Class<T> kind, String namespace);

  /// Stores a changed object if it is still the one that it was computed from.
  ///
  /// @param changed with the resource version of what it was computed from
  /// @return as stored; nothing when somebody else changed it since
  <T extends Message> Optional<T> replace(T changed);
}
