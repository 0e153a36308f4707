package io.coxswain.controlplane.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Authors are told of each field that nothing acts upon, and of no other.
class NoEffectWarningsTest {

  private static final String NONE = ": has no effect in this cluster";

  private static final String CLAIMS =
      ".resourceClaims: nothing allocates devices in this version of Coxswain: a pod that claims"
          + " any does not run";

  record Case(String about, String yaml, List<String> warnings) {
    @Override
    public String toString() {
      return about;
    }
  }

  private static Case pod(String about, String spec, String... warnings) {
    String yaml =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
        """
            + spec.indent(2);
    return new Case(about, yaml, List.of(warnings));
  }

  private static Case service(String about, String spec, String... warnings) {
    String yaml = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n" + spec.indent(2);
    return new Case(about, yaml, List.of(warnings));
  }

  static Stream<Case> cases() {
    return Stream.of(
        pod("a plain pod", "containers: [{name: c, image: i}]"),
        pod(
            "what people ask for without harm",
            """
            hostUsers: true
            priorityClassName: system-node-critical
            os: {name: linux}
            containers:
            - name: c
              image: i
              volumeMounts: [{name: v, mountPath: /v, recursiveReadOnly: Disabled}]
            volumes: [{name: v, emptyDir: {medium: Memory, sizeLimit: 1Mi}}]
            """),
        pod(
            "fields of the pod",
            """
            securityContext:
              seLinuxOptions: {level: s0}
              fsGroup: 7
              fsGroupChangePolicy: Always
            containers: [{name: c, image: i}]
            """,
            "spec.securityContext.seLinuxOptions" + NONE),
        pod(
            "fields of containers, each by its path and once",
            """
            initContainers:
            - {name: a, image: i, stdin: true, stdinOnce: true}
            containers:
            - name: b
              image: i
            - name: c
              image: i
              securityContext:
                seLinuxOptions: {level: s0}
                windowsOptions: {hostProcess: false}
            """,
            "spec.initContainers[0].stdinOnce" + NONE,
            "spec.containers[1].securityContext.seLinuxOptions" + NONE,
            "spec.containers[1].securityContext.windowsOptions" + NONE),
        new Case(
            "a template",
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d}
            spec:
              selector: {matchLabels: {a: b}}
              template:
                metadata: {labels: {a: b}}
                spec:
                  securityContext: {seLinuxOptions: {level: s0}}
                  containers: [{name: c, image: i}]
            """,
            List.of("spec.template.spec.securityContext.seLinuxOptions" + NONE)),
        pod(
            "devices, without which a pod does not run",
            """
            resourceClaims: [{name: gpu, resourceClaimName: mine}]
            containers: [{name: c, image: i, resources: {claims: [{name: gpu}]}}]
            """,
            "spec" + CLAIMS),
        new Case(
            "devices in a template",
            """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: j}
            spec:
              schedule: "* * * * *"
              jobTemplate:
                spec:
                  template:
                    spec:
                      resourceClaims: [{name: gpu, resourceClaimTemplateName: one}]
                      containers: [{name: c, image: i}]
            """,
            List.of("spec.jobTemplate.spec.template.spec" + CLAIMS)),
        new Case(
            "a driver of devices with large letters",
            """
            apiVersion: resource.k8s.io/v1
            kind: ResourceSlice
            metadata: {name: s}
            spec: {driver: GPU.example.com, allNodes: true, pool: {name: p, resourceSliceCount: 1}}
            """,
            List.of(
                "spec.driver: driver names should be lowercase; \"GPU.example.com\" contains"
                    + " uppercase characters")),
        service(
            "a Service with what is built",
            """
            ports: [{port: 80}]
            sessionAffinity: ClientIP
            internalTrafficPolicy: Local
            ipFamilyPolicy: SingleStack
            """),
        service(
            "a Service for a cloud",
            """
            type: LoadBalancer
            loadBalancerIP: 192.0.2.1
            loadBalancerClass: example.org/cloud
            trafficDistribution: PreferClose
            ipFamilyPolicy: PreferDualStack
            ports: [{port: 80}]
            """,
            "spec.loadBalancerIP" + NONE,
            "spec.ipFamilyPolicy" + NONE,
            "spec.loadBalancerClass" + NONE,
            "spec.trafficDistribution" + NONE,
            "spec.type: nothing in this cluster gives a LoadBalancer its address: it is reached at"
                + " its cluster IP and node ports"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void namesEachFieldOnce(Case given) {
    assertThat(Validation.warnings(Defaults.apply(Objects.of(given.yaml()))))
        .containsExactlyInAnyOrderElementsOf(given.warnings());
  }
}
