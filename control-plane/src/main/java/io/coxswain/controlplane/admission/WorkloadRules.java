package io.coxswain.controlplane.admission;

import static java.util.stream.Collectors.toSet;

import io.coxswain.api.apps.v1.DaemonSet;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentSpec;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.StatefulSet;
import io.coxswain.api.apps.v1.StatefulSetSpec;
import io.coxswain.api.batch.v1.JobSpec;
import io.coxswain.api.core.v1.EmptyDirVolumeSource;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Selectors;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What holds for the kinds that make pods from a template.
final class WorkloadRules {

  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);

  private WorkloadRules() {}

  static void check(Deployment deployment, Problems problems) {
    DeploymentSpec spec = deployment.getSpec();
    selector(spec.hasSelector(), spec.getSelector(), spec.getTemplate(), "deployment", problems);
    staying(spec.getTemplate(), problems);
    checkStrategy(spec, problems);
    boolean bounded = spec.hasProgressDeadlineSeconds();
    if (bounded && spec.getProgressDeadlineSeconds() <= spec.getMinReadySeconds()) {
      problems.invalid(
          "spec.progressDeadlineSeconds",
          spec.getProgressDeadlineSeconds(),
          "must be greater than minReadySeconds");
    }
  }

  static void check(ReplicaSet set, Problems problems) {
    var spec = set.getSpec();
    selector(spec.hasSelector(), spec.getSelector(), spec.getTemplate(), "replica set", problems);
    staying(spec.getTemplate(), problems);
  }

  static void check(DaemonSet set, Problems problems) {
    var spec = set.getSpec();
    selector(spec.hasSelector(), spec.getSelector(), spec.getTemplate(), "daemonset", problems);
    staying(spec.getTemplate(), problems);
    if (spec.getUpdateStrategy().getType().equals("RollingUpdate")) {
      var rolling = spec.getUpdateStrategy().getRollingUpdate();
      String at = "spec.updateStrategy.rollingUpdate";
      amount(rolling.getMaxUnavailable(), at + ".maxUnavailable", problems);
      amount(rolling.getMaxSurge(), at + ".maxSurge", problems);
      if (isZero(rolling.getMaxUnavailable()) && isZero(rolling.getMaxSurge())) {
        problems.required(at + ".maxUnavailable", "cannot be 0 when maxSurge is 0");
      }
    }
  }

  static void check(StatefulSet set, Problems problems) {
    var spec = set.getSpec();
    selector(spec.hasSelector(), spec.getSelector(), withClaims(spec), "statefulset", problems);
    staying(spec.getTemplate(), problems);
    for (int i = 0; i < spec.getVolumeClaimTemplatesCount(); i++) {
      StorageRules.claim(
          spec.getVolumeClaimTemplates(i).getSpec(),
          "spec.volumeClaimTemplates[" + i + "].spec",
          problems);
    }
  }

  /// Its pods have a volume for each of its claims, which their containers may mount.
  private static PodTemplateSpec withClaims(StatefulSetSpec spec) {
    PodTemplateSpec.Builder template = spec.getTemplate().toBuilder();
    Set<String> names =
        template.getSpec().getVolumesList().stream().map(Volume::getName).collect(toSet());
    for (PersistentVolumeClaim claim : spec.getVolumeClaimTemplatesList()) {
      if (names.add(claim.getMetadata().getName())) {
        template
            .getSpecBuilder()
            .addVolumes(
                Volume.newBuilder()
                    .setName(claim.getMetadata().getName())
                    .setVolumeSource(
                        VolumeSource.newBuilder()
                            .setEmptyDir(EmptyDirVolumeSource.getDefaultInstance())));
      }
    }
    return template.build();
  }

  static void check(ReplicationController controller, Problems problems) {
    var spec = controller.getSpec();
    if (spec.getSelectorCount() == 0) {
      problems.required("spec.selector");
    }
    if (!spec.hasTemplate()) {
      problems.required("spec.template");
      return;
    }
    Map<String, String> labels = spec.getTemplate().getMetadata().getLabelsMap();
    if (!Selectors.equalTo(spec.getSelectorMap()).test(labels)) {
      mismatch(labels, problems);
    }
    template(spec.getTemplate(), "spec.template", problems);
    staying(spec.getTemplate(), problems);
  }

  /// @param path of the job's spec
  static void check(JobSpec spec, String path, Problems problems) {
    template(spec.getTemplate(), path + ".template", problems);
    String policy = spec.getTemplate().getSpec().getRestartPolicy();
    if (policy.equals("Always")) {
      problems.unsupported(
          path + ".template.spec.restartPolicy", policy, List.of("OnFailure", "Never"));
    }
    if (spec.getCompletionMode().equals("Indexed") && !spec.hasCompletions()) {
      problems.required(path + ".completions", "when completion mode is Indexed");
    }
  }

  private static void selector(
      boolean present,
      LabelSelector selector,
      PodTemplateSpec template,
      String kind,
      Problems problems) {
    if (!present) {
      problems.required("spec.selector");
    } else if (MetadataRules.isEmpty(selector)) {
      problems.invalidJson("spec.selector", "{}", "empty selector is invalid for " + kind);
    } else {
      Problems found = new Problems();
      MetadataRules.selector(selector, "spec.selector", problems);
      MetadataRules.selector(selector, "spec.selector", found);
      matches(found, selector, template, problems);
    }
    template(template, "spec.template", problems);
  }

  private static void matches(
      Problems found, LabelSelector selector, PodTemplateSpec template, Problems problems) {
    boolean operators =
        selector.getMatchExpressionsList().stream()
            .allMatch(one ->
                List.of("In", "NotIn", "Exists", "DoesNotExist").contains(one.getOperator()));
    Map<String, String> labels = template.getMetadata().getLabelsMap();
    if (found.isEmpty() && operators && !Selectors.labels(selector).test(labels)) {
      mismatch(labels, problems);
    }
  }

  private static void mismatch(Map<String, String> labels, Problems problems) {
    StringBuilder json = new StringBuilder("{");
    new TreeMap<>(labels)
        .forEach((key, value) ->
            json.append(json.length() > 1 ? "," : "")
                .append('"')
                .append(key)
                .append("\":\"")
                .append(value)
                .append('"'));
    problems.invalidJson(
        "spec.template.metadata.labels",
        json.append('}').toString(),
        "`selector` does not match template `labels`");
  }

  static void template(PodTemplateSpec template, String path, Problems problems) {
    MetadataRules.labels(
        template.getMetadata().getLabelsMap(), path + ".metadata.labels", problems);
    MetadataRules.annotations(
        template.getMetadata().getAnnotationsMap(), path + ".metadata.annotations", problems);
    PodRules.check(template.getSpec(), path + ".spec", problems);
    AppArmorRules.checkAnnotations(
        template.getMetadata(), template.getSpec(), path + ".metadata.annotations", problems);
    if (template.getSpec().getEphemeralContainersCount() > 0) {
      problems.forbidden(
          path + ".spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
    }
  }

  /// Pods that are replaced when they end must not end by themselves.
  private static void staying(PodTemplateSpec template, Problems problems) {
    String policy = template.getSpec().getRestartPolicy();
    if (!policy.isEmpty() && !policy.equals("Always")) {
      problems.unsupported("spec.template.spec.restartPolicy", policy, List.of("Always"));
    }
    if (template.getSpec().hasActiveDeadlineSeconds()) {
      problems.forbidden(
          "spec.template.spec.activeDeadlineSeconds",
          "activeDeadlineSeconds in ReplicaSet is not Supported");
    }
  }

  private static void checkStrategy(DeploymentSpec spec, Problems problems) {
    var strategy = spec.getStrategy();
    String at = "spec.strategy.rollingUpdate";
    if (strategy.getType().equals("Recreate")) {
      if (strategy.hasRollingUpdate()) {
        problems.forbidden(at, "may not be specified when strategy `type` is 'Recreate'");
      }
      return;
    }
    if (!strategy.hasRollingUpdate()) {
      return;
    }
    var rolling = strategy.getRollingUpdate();
    amount(rolling.getMaxUnavailable(), at + ".maxUnavailable", problems);
    amount(rolling.getMaxSurge(), at + ".maxSurge", problems);
    if (isZero(rolling.getMaxUnavailable()) && isZero(rolling.getMaxSurge())) {
      problems.invalidJson(
          at + ".maxUnavailable",
          CODEC.toTree(rolling).path("maxUnavailable").toString(),
          "may not be 0 when `maxSurge` is 0");
    }
    String unavailable = rolling.getMaxUnavailable().getStrVal();
    if (Names.isPercent(unavailable) && percent(unavailable) > 100) {
      problems.invalid(at + ".maxUnavailable", unavailable, "must not be greater than 100%");
    }
  }

  private static void amount(IntOrString amount, String at, Problems problems) {
    if (amount.getType() == 0) {
      if (amount.getIntVal() < 0) {
        problems.invalid(at, amount.getIntVal(), "must be greater than or equal to 0");
      }
    } else if (!Names.isPercent(amount.getStrVal())) {
      problems.invalid(
          at,
          amount.getStrVal(),
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', "
              + " or '93%', regex used for validation is '[0-9]+%')");
    }
  }

  private static boolean isZero(IntOrString amount) {
    return amount.getType() == 0
        ? amount.getIntVal() == 0
        : Names.isPercent(amount.getStrVal()) && percent(amount.getStrVal()) == 0;
  }

  private static long percent(String text) {
    return Long.parseLong(text.substring(0, text.length() - 1));
  }
}
