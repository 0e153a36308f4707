package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.Pod;
import java.time.Duration;
import java.time.Instant;

/// Makes tokens with which pods sign in as their service account.
public interface TokenSource {

  /// A token and the time in which it is good, by this node's clock.
  record Issued(String token, Instant begins, Instant ends) {}

  /// A new token, bound to the pod: good no longer than the pod is there. Blocks.
  ///
  /// @param audience whom it is for; empty for the API server
  /// @throws io.coxswain.client.ApiException when the API cannot be reached or refuses
  Issued issue(Pod pod, String audience, Duration life);
}
