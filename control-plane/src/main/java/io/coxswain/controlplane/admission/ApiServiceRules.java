package io.coxswain.controlplane.admission;

import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apiregistration.v1.APIServiceSpec;

/// APIServices: what must hold between their fields.
final class ApiServiceRules {

  private static final int HIGHEST_GROUP = 20_000;
  private static final int HIGHEST_VERSION = 1_000;

  private ApiServiceRules() {}

  static void check(APIService service, Problems problems) {
    APIServiceSpec spec = service.getSpec();
    String name = spec.getVersion() + "." + spec.getGroup();
    if (!service.getMetadata().getName().equals(name)) {
      problems.invalid(
          "metadata.name",
          service.getMetadata().getName(),
          "must be `spec.version+\".\"+spec.group`: \"" + name + "\"");
    }
    if (spec.getVersion().isEmpty()) {
      problems.required("spec.version");
    }
    if (spec.getGroup().isEmpty() && spec.hasService()) {
      problems.required(
          "spec.group", "only v1 may have an empty group and it better be legacy kube");
    }
    if (spec.getGroupPriorityMinimum() < 1 || spec.getGroupPriorityMinimum() > HIGHEST_GROUP) {
      problems.invalid(
          "spec.groupPriorityMinimum",
          spec.getGroupPriorityMinimum(),
          "must be positive and less than " + HIGHEST_GROUP);
    }
    if (spec.getVersionPriority() < 1 || spec.getVersionPriority() > HIGHEST_VERSION) {
      problems.invalid(
          "spec.versionPriority",
          spec.getVersionPriority(),
          "must be positive and less than " + HIGHEST_VERSION);
    }
    if (!spec.hasService()) {
      if (!spec.getCaBundle().isEmpty()) {
        problems.invalid("spec.caBundle", "...", "local APIServices may not have a caBundle");
      }
      if (spec.getInsecureSkipTLSVerify()) {
        problems.forbidden(
            "spec.insecureSkipTLSVerify", "local APIServices may not have insecureSkipTLSVerify");
      }
      return;
    }
    if (spec.getService().getNamespace().isEmpty()) {
      problems.required("spec.service.namespace");
    }
    if (spec.getService().getName().isEmpty()) {
      problems.required("spec.service.name");
    }
    if (spec.getInsecureSkipTLSVerify() && !spec.getCaBundle().isEmpty()) {
      problems.forbidden("spec.insecureSkipTLSVerify", "may not be true if caBundle is present");
    }
  }
}
