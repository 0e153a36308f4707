package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.node.v1.RuntimeClass;
import java.util.Collection;
import java.util.Optional;

/// Objects that pods of this node name. Answers may be some seconds old. Blocks.
///
/// Every method throws [io.coxswain.client.ApiException] when the API cannot be reached or refuses;
/// an object that is not there is empty.
public interface ConfigObjects {

  Optional<ConfigMap> configMap(String namespace, String name);

  Optional<Secret> secret(String namespace, String name);

  Optional<RuntimeClass> runtimeClass(String name);

  /// The namespace's Services. Waits for a first list of them.
  Collection<Service> services(String namespace);
}
