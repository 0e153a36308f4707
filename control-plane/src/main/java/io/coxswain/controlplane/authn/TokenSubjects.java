package io.coxswain.controlplane.authn;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ServiceAccount;
import java.util.Optional;

/// The objects that tokens speak of, as they are at the moment. A token whose object is gone, or is
/// another of the same name, is worth nothing.
public interface TokenSubjects {

  Optional<ServiceAccount> account(String namespace, String name);

  /// @param kind `Pod`, `Secret` or `Node`, what a token can be bound to
  /// @param namespace empty for a node
  Optional<? extends Message> bound(String kind, String namespace, String name);
}
