package io.coxswain.controlplane;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authn.TokenSubjects;
import io.coxswain.controlplane.registry.Registry;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.schema.ResourceType;
import java.util.Optional;

/// What tokens speak of, from the server's cache: a request with a token costs the store nothing.
record StoredSubjects(Registry registry) implements TokenSubjects {

  @Override
  public Optional<ServiceAccount> account(String namespace, String name) {
    return find(ServiceAccount.class, namespace, name);
  }

  @Override
  public Optional<? extends Message> bound(String kind, String namespace, String name) {
    return switch (kind) {
      case "Pod" -> find(Pod.class, namespace, name);
      case "Secret" -> find(Secret.class, namespace, name);
      case "Node" -> find(Node.class, "", name);
      default -> Optional.empty();
    };
  }

  private <T extends Message> Optional<T> find(Class<T> kind, String namespace, String name) {
    try {
      Target target = Target.of(ResourceType.of(kind), namespace, name);
      return Optional.of(kind.cast(registry.read(target, "0").message()));
    } catch (ApiException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
