package io.coxswain.controlplane.controller.apiservice;

import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apiregistration.v1.APIServiceSpec;
import io.coxswain.api.meta.v1.ObjectMeta;

/// A version of a group that this server answers itself, and its APIService.
///
/// @param defined whether people defined its kinds
record ServedVersion(String group, String version, boolean defined) {

  /// Says that the object is made and taken away by this controller.
  static final String LABEL = "kube-aggregator.kubernetes.io/automanaged";

  private static final int CORE = 18_000;
  private static final int BUILT_IN = 17_000;
  private static final int DEFINED = 1_000;

  /// `v1.` for the core group, as `v1.apps` for others.
  String name() {
    return version + "." + group;
  }

  APIService object() {
    return APIService.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder().setName(name()).putLabels(LABEL, defined ? "true" : "onstart"))
        .setSpec(spec())
        .build();
  }

  APIServiceSpec spec() {
    int priority = group.isEmpty() ? CORE : defined ? DEFINED : BUILT_IN;
    return APIServiceSpec.newBuilder()
        .setGroup(group)
        .setVersion(version)
        .setGroupPriorityMinimum(priority)
        .setVersionPriority(defined ? 100 : version.contains("beta") ? 9 : 15)
        .build();
  }
}
