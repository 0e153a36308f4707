package io.coxswain.schema;

/// What stands first in an object's JSON.
///
/// @param group empty for the core group
public record ObjectKind(String group, String version, String kind) {

  /// Reads `v1` or `apps/v1`.
  public static ObjectKind of(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    return slash < 0
        ? new ObjectKind("", apiVersion, kind)
        : new ObjectKind(apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
  }

  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  @Override
  public String toString() {
    return apiVersion() + " " + kind;
  }
}
