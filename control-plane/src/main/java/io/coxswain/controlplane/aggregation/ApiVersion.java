package io.coxswain.controlplane.aggregation;

/// A version of a group.
record ApiVersion(String group, String version) {

  /// Where it is served.
  String path() {
    return "/apis/" + group + "/" + version;
  }
}
