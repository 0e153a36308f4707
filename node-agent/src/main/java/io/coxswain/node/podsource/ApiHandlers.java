package io.coxswain.node.podsource;

import io.coxswain.api.node.v1.RuntimeClass;
import io.coxswain.client.ApiException;
import io.coxswain.node.runtime.HandlerLookup;
import java.io.IOException;

/// Handlers as the API's RuntimeClasses name them.
public final class ApiHandlers implements HandlerLookup {

  private final ConfigObjects objects;

  public ApiHandlers(ConfigObjects objects) {
    this.objects = objects;
  }

  @Override
  public String handler(String runtimeClass) throws IOException {
    try {
      return objects
          .runtimeClass(runtimeClass)
          .map(RuntimeClass::getHandler)
          .orElseThrow(
              () -> new IOException("RuntimeClass \"%s\" not found".formatted(runtimeClass)));
    } catch (ApiException e) {
      throw new IOException(
          "asking for RuntimeClass \"%s\": %s".formatted(runtimeClass, e.getMessage()), e);
    }
  }
}
