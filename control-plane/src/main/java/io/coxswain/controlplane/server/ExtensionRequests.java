package io.coxswain.controlplane.server;

import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.edge.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Versions of groups that other servers answer, as APIServices say.
public interface ExtensionRequests {

  /// One version of a group.
  ///
  /// @param groupPriority the higher, the earlier clients take the group
  /// @param versionPriority likewise of the version within it
  /// @param available whether its server answers now
  /// @param resources its APIResourceList, as it last told; missing when it never did
  /// @param openApi where its document of OpenAPI 3 is, as its own index says; empty when there is
  ///   none
  /// @param swagger what its document of OpenAPI 2 says of this version; missing when it says
  ///   nothing
  record Extension(
      String group,
      String version,
      int groupPriority,
      int versionPriority,
      boolean available,
      JsonNode resources,
      String openApi,
      JsonNode swagger) {}

  /// All that are handed on now. The same list as long as nothing has changed.
  List<Extension> all();

  /// Whether requests for it are handed on. Does not block.
  boolean serves(String group, String version);

  /// Hands an authorized request on; blocks until it is answered.
  ///
  /// @param patience how long the server may say nothing
  /// @param added headers that the answer gets
  /// @throws io.coxswain.client.ApiException with Unavailable when its server does not answer
  void serve(
      Exchange exchange,
      User user,
      String group,
      String version,
      Duration patience,
      Map<String, String> added)
      throws IOException;
}
