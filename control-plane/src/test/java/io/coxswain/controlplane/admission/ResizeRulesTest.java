package io.coxswain.controlplane.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError.Cause;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What may be changed of a pod by its `resize`, and which policies of it there are.
class ResizeRulesTest {

  private static final String POD =
      "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default, uid: u},"
          + " spec: {restartPolicy: Always, initContainers: ["
          + "{name: i, image: i, resources: {requests: {cpu: 10m}}},"
          + " {name: s, image: i, restartPolicy: Always, resources: {requests: {cpu: 20m}}}],"
          + " containers: [{name: c, image: i, resources: {requests: {cpu: 100m, memory: 32Mi,"
          + " ephemeral-storage: 1Gi}, limits: {cpu: 200m}}}, {name: d, image: i}]}}";

  /// @param from text of the pod that becomes `to`
  /// @param causes `field: message`
  record Case(String name, String pod, String from, String to, List<String> causes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(String name, String from, String to, String... causes) {
    return new Case(name, POD, from, to, List.of(causes));
  }

  private static Case in(
      String name, String add, String to, String from, String with, String... causes) {
    return new Case(name, POD.replace(add, to), from, with, List.of(causes));
  }

  static List<Case> changes() {
    String only = "Forbidden: only cpu and memory resources are mutable";
    String running =
        "}, status: {containerStatuses: [{name: c, image: i, imageID: i, ready: true,"
            + " restartCount: 0, state: {running: {}}}]}}";
    String policy =
        "image: i, resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]";
    return List.of(
        of("more cpu", "cpu: 100m", "cpu: 150m"),
        of("less memory", "memory: 32Mi", "memory: 16Mi"),
        of("a limit that was not there", "limits: {cpu: 200m}", "limits: {cpu: 200m, memory: 1Gi}"),
        of("of a sidecar", "cpu: 20m", "cpu: 30m"),
        of("of an init container", "cpu: 10m", "cpu: 5m"),
        of(
            "a request is taken away",
            "cpu: 100m, memory: 32Mi",
            "cpu: 100m",
            "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed"),
        of(
            "limits are taken away",
            ", limits: {cpu: 200m}",
            "",
            "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"),
        of(
            "a sidecar's request is taken away",
            "restartPolicy: Always, resources: {requests: {cpu: 20m}}",
            "restartPolicy: Always",
            "spec.initContainers[1].resources.requests: Forbidden: resource requests cannot be"
                + " removed"),
        of("another resource", "ephemeral-storage: 1Gi", "ephemeral-storage: 2Gi", "spec: " + only),
        of(
            "another resource of an init container",
            "{cpu: 10m}",
            "{cpu: 10m, ephemeral-storage: 1Gi}",
            "spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar"
                + " containers are mutable"),
        of(
            "a policy",
            "{name: d, image: i}",
            "{name: d, image: i, resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]}",
            "spec: " + only),
        of(
            "another name and another order",
            "{name: d, image: i}",
            "{name: e, image: i}",
            "spec.containers[1].name: Forbidden: containers may not be renamed or reordered on"
                + " resize"),
        of(
            "one more",
            "{name: d, image: i}",
            "{name: d, image: i}, {name: e, image: i}",
            "spec.containers: Forbidden: containers may not be added or removed on resize"),
        in(
            "of the pod as a whole",
            "spec: {",
            "spec: {resources: {requests: {cpu: 1}, limits: {cpu: 2}}, ",
            "limits: {cpu: 2}}, ",
            "limits: {cpu: 3, memory: 1Gi}}, "),
        in(
            "which cannot be taken away",
            "spec: {",
            "spec: {resources: {requests: {cpu: 1, memory: 1Gi}}, ",
            "{cpu: 1, memory: 1Gi}",
            "{cpu: 1}",
            "spec.resources.requests: Forbidden: pod-level resource requests cannot be removed"),
        in(
            "at all",
            "spec: {",
            "spec: {resources: {requests: {cpu: 1}}, ",
            "resources: {requests: {cpu: 1}}, ",
            "",
            "spec.resources: Forbidden: pod-level resources cannot be removed"),
        in(
            "nor be of another resource",
            "spec: {",
            "spec: {resources: {requests: {cpu: 1}}, ",
            "resources: {requests: {cpu: 1}",
            "resources: {requests: {cpu: 1, hugepages-2Mi: 2Mi}, limits: {hugepages-2Mi: 2Mi}",
            "spec: Forbidden: only cpu and memory resources are mutable at pod-level"),
        in(
            "of a pod that its node keeps by a file",
            "uid: u",
            "uid: u, annotations: {kubernetes.io/config.mirror: x}",
            "cpu: 100m",
            "cpu: 150m",
            ": Forbidden: static pods cannot be resized"),
        in(
            "of another system",
            "spec: {",
            "spec: {os: {name: windows}, ",
            "cpu: 100m",
            "cpu: 150m",
            ": Forbidden: windows pods cannot be resized"),
        in(
            "on a node that does not say what containers have",
            "]}}",
            "]" + running,
            "cpu: 100m",
            "cpu: 150m",
            "spec: Forbidden: Pod running on node without support for resize"),
        in(
            "on a node that does",
            "]}}",
            "]" + running.replace("state:", "resources: {}, state:"),
            "cpu: 100m",
            "cpu: 150m"),
        in(
            "an init container cannot start again",
            "{name: i, image: i",
            "{name: i, " + policy,
            "cpu: 10m",
            "cpu: 20m",
            "spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value:"
                + " \"RestartContainer\": must not be set to 'RestartContainer' for non-sidecar"
                + " initContainers",
            "spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of"
                + " RestartContainer cannot be resized"));
  }

  private static List<String> shown(List<Cause> causes) {
    return causes.stream().map(cause -> cause.field() + ": " + cause.message()).toList();
  }

  @ParameterizedTest
  @MethodSource
  void changes(Case test) {
    assertThat(test.pod()).contains(test.from());
    Message before = Defaults.apply(Objects.of(test.pod()));
    Message after = Defaults.apply(Objects.of(test.pod().replace(test.from(), test.to())));
    assertThat(shown(Validation.onPartUpdate("resize", before, after)))
        .containsExactlyInAnyOrderElementsOf(test.causes());
  }

  static List<Case> policies() {
    String at = "spec.containers[0].resizePolicy";
    return List.of(
        of(
            "each resource has one",
            "{name: d, image: i}",
            "{name: d, image: i, resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired},"
                + " {resourceName: memory, restartPolicy: RestartContainer}]}"),
        of(
            "one that is there twice",
            "{name: c, image: i",
            "{name: c, image: i, resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired},"
                + " {resourceName: cpu, restartPolicy: NotRequired}]",
            at + "[1]: Duplicate value: \"cpu\""),
        of(
            "of a resource that cannot change",
            "{name: c, image: i",
            "{name: c, image: i, resizePolicy: [{resourceName: gpu, restartPolicy: NotRequired}]",
            at + ": Unsupported value: \"gpu\": supported values: \"cpu\", \"memory\""),
        of(
            "that nobody knows",
            "{name: c, image: i",
            "{name: c, image: i, resizePolicy: [{resourceName: cpu, restartPolicy: Sometimes}]",
            at
                + ": Unsupported value: \"Sometimes\": supported values: \"NotRequired\","
                + " \"RestartContainer\""),
        of(
            "of a pod that never starts anything again",
            "restartPolicy: Always, initContainers: [",
            "restartPolicy: Never, initContainers: [{name: j, image: i, resizePolicy:"
                + " [{resourceName: cpu, restartPolicy: NotRequired}]}, {name: k, image: i,"
                + " restartPolicy: Always, resizePolicy: [{resourceName: cpu, restartPolicy:"
                + " RestartContainer}]}, ",
            "spec.initContainers[1].resizePolicy: Invalid value: \"RestartContainer\": must be"
                + " 'NotRequired' when pod `restartPolicy` is 'Never'"));
  }

  @ParameterizedTest
  @MethodSource
  void policies(Case test) {
    assertThat(test.pod()).contains(test.from());
    Message pod = Defaults.apply(Objects.of(test.pod().replace(test.from(), test.to())));
    assertThat(shown(Validation.onCreate(pod))).containsExactlyInAnyOrderElementsOf(test.causes());
  }
}
