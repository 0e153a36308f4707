package io.coxswain.controlplane.registry;

import io.coxswain.schema.ResourceType;

/// Which objects to list, and as of when. Strings are as REST has them; empty means not given.
///
/// @param resourceVersion empty for the latest, `0` for whatever is at hand
/// @param resourceVersionMatch `Exact` or `NotOlderThan`
/// @param limit objects a page; 0 for all
public record ListQuery(
    ResourceType<?> type,
    String namespace,
    String labelSelector,
    String fieldSelector,
    String resourceVersion,
    String resourceVersionMatch,
    int limit,
    String continueToken) {

  public static ListQuery of(ResourceType<?> type, String namespace) {
    return new ListQuery(type, namespace, "", "", "", "", 0, "");
  }
}
