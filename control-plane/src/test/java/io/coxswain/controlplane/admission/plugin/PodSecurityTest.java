package io.coxswain.controlplane.admission.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.controlplane.admission.podsecurity.Policy;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PodSecurityTest {

  private static final String GOOD =
      "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, runAsNonRoot: true,"
          + " seccompProfile: {type: RuntimeDefault}";

  private final PodSecurity plugin = new PodSecurity();
  private final FakeObjects objects = new FakeObjects();

  private static Namespace namespace(String labels) {
    return Requests.object(Namespace.class, "metadata: {name: shop, labels: {" + labels + "}}");
  }

  private void labelled(String labels) {
    var _ = objects.with(namespace(labels));
  }

  private static Pod pod(String spec) {
    return Requests.object(
        Pod.class, "metadata: {name: web, namespace: shop}\nspec: {" + spec + "}");
  }

  private static String container(String security) {
    return "containers: [{name: c, image: i, securityContext: {" + security + "}}]";
  }

  record Case(String level, String spec, String violation) {
    @Override
    public String toString() {
      return level + " " + violation;
    }
  }

  static Stream<Case> violations() {
    String c = "containers: [{name: c, image: i";
    return Stream.of(
        new Case(
            "baseline",
            "hostNetwork: true, hostPID: true, " + container(""),
            "host namespaces (hostNetwork=true, hostPID=true)"),
        new Case(
            "baseline",
            container("privileged: true"),
            "privileged (container \"c\" must not set securityContext.privileged=true)"),
        new Case(
            "baseline",
            container("capabilities: {add: [NET_ADMIN, CHOWN, BPF]}"),
            "non-default capabilities (container \"c\" must not include \"BPF\", \"NET_ADMIN\" in securityContext.capabilities.add)"),
        new Case(
            "baseline",
            "volumes: [{name: v, hostPath: {path: /}}], " + container(""),
            "hostPath volumes (volume \"v\")"),
        new Case(
            "baseline",
            "containers: [{name: c, image: \"host:///\"}]",
            "host images (container \"c\" must not use \"host:///\")"),
        new Case(
            "baseline",
            c + ", ports: [{containerPort: 1, hostPort: 80}]}]",
            "hostPort (container \"c\" uses hostPort 80)"),
        new Case(
            "baseline",
            c + ", livenessProbe: {httpGet: {host: h, port: 1}}}]",
            "probe or lifecycle host (container \"c\" uses probe or lifecycle host \"h\")"),
        new Case(
            "baseline",
            container("procMount: Unmasked"),
            "procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")"),
        new Case(
            "baseline",
            "securityContext: {seLinuxOptions: {type: t, user: u}}, " + container(""),
            "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"t\"; user may not be set)"),
        new Case(
            "baseline",
            "securityContext: {seccompProfile: {type: Unconfined}}, "
                + container("seccompProfile: {type: Unconfined}"),
            "seccompProfile (pod and container \"c\" must not set securityContext.seccompProfile.type to \"Unconfined\")"),
        new Case(
            "baseline",
            "securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}, {name: net.ipv4.tcp_rmem, value: '1'}]}, "
                + container(""),
            "forbidden sysctls (kernel.msgmax)"),
        new Case(
            "baseline",
            container("appArmorProfile: {type: Unconfined}"),
            "forbidden AppArmor profile (container \"c\" must not set AppArmor profile type to \"Unconfined\")"),
        new Case(
            "baseline",
            container("windowsOptions: {hostProcess: true}"),
            "hostProcess (container \"c\" must not set securityContext.windowsOptions.hostProcess=true)"),
        new Case(
            "restricted",
            container(""),
            "allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"),
        new Case(
            "restricted",
            container(GOOD + ", runAsUser: 0"),
            "runAsUser=0 (container \"c\" must not set runAsUser=0)"),
        new Case(
            "restricted",
            "volumes: [{name: v, hostPath: {path: /}}, {name: w, nfs: {server: s, path: /}}], "
                + container(GOOD),
            "restricted volume types (volumes \"v\", \"w\" use restricted volume types \"hostPath\", \"nfs\")"),
        new Case(
            "restricted",
            container(GOOD.replace("runAsNonRoot: true", "runAsNonRoot: false")),
            "runAsNonRoot != true (container \"c\" must not set securityContext.runAsNonRoot=false)"),
        new Case(
            "restricted",
            container(GOOD.replace("drop: [ALL]", "drop: [ALL], add: [CHOWN, NET_BIND_SERVICE]")),
            "unrestricted capabilities (container \"c\" must not include \"CHOWN\" in securityContext.capabilities.add)"));
  }

  @ParameterizedTest
  @MethodSource("violations")
  void whatALevelForbidsIsRefused(Case one) {
    labelled("pod-security.kubernetes.io/enforce: " + one.level());
    Pod pod = pod(one.spec());
    assertThatThrownBy(() -> plugin.validate(Requests.create(pod), objects))
        .hasMessage(
            "pods \"web\" is forbidden: violates PodSecurity \""
                + one.level()
                + ":latest\": "
                + one.violation());
    // what is there may be labelled
    plugin.validate(Requests.update(pod, pod), objects);
  }

  @Test
  void whatALevelAllowsIsStored() {
    labelled("pod-security.kubernetes.io/enforce: restricted");
    plugin.validate(Requests.create(pod(container(GOOD))), objects);
    plugin.validate(
        Requests.create(
            pod(
                "hostUsers: false, securityContext: {seccompProfile: {type: Localhost}}, "
                    + container("allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"))),
        objects);
  }

  record Versioned(String version, String spec, boolean refused) {}

  static Stream<Versioned> versions() {
    String sysctl = "securityContext: {sysctls: [{name: net.ipv4.tcp_rmem, value: '1'}]}, ";
    String probe =
        "containers: [{name: c, image: i, livenessProbe: {tcpSocket: {host: h, port: 1}}}]";
    return Stream.of(
        new Versioned("v1.31", sysctl + container(""), true),
        new Versioned("v1.32", sysctl + container(""), false),
        new Versioned("v1.99", sysctl + container(""), false),
        new Versioned("v1.33", probe, false),
        new Versioned("v1.34", probe, true),
        new Versioned("latest", probe, true));
  }

  @ParameterizedTest
  @MethodSource("versions")
  void aStandardIsThatOfItsVersion(Versioned one) {
    labelled(
        "pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: "
            + one.version());
    AdmissionRequest request = Requests.create(pod(one.spec()));
    if (one.refused()) {
      assertThatThrownBy(() -> plugin.validate(request, objects))
          .hasMessageContaining("violates PodSecurity \"baseline:" + one.version() + "\"");
    } else {
      plugin.validate(request, objects);
    }
  }

  @Test
  void writersAreWarnedAndWorkloadsAreNotRefused() {
    labelled(
        "pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/warn: restricted,"
            + " pod-security.kubernetes.io/warn-version: v1.7");
    AdmissionRequest request =
        Requests.create(
            Requests.object(
                Deployment.class,
                """
                metadata: {name: d, namespace: shop}
                spec:
                  selector: {matchLabels: {a: b}}
                  template:
                    metadata: {labels: {a: b}}
                    spec: {hostIPC: true, containers: [{name: c, image: i, securityContext: {runAsNonRoot: true}}]}
                """));
    plugin.validate(request, objects);
    assertThat(plugin.warnings(request, objects))
        .containsExactly(
            "would violate PodSecurity \"restricted:v1.7\": host namespaces (hostIPC=true)");
  }

  @Test
  void aNamespaceThatGetsStricterTellsOfItsPods() {
    var _ = objects.with(pod("hostPID: true, " + container("")));
    Namespace before = namespace("a: b");
    Namespace after = namespace("pod-security.kubernetes.io/enforce: baseline");
    assertThat(plugin.warnings(Requests.update(before, after), objects))
        .containsExactly(
            "existing pods in namespace \"shop\" violate the new PodSecurity enforce level"
                + " \"baseline:latest\"",
            "web: host namespaces");
    assertThat(plugin.warnings(Requests.update(after, before), objects)).isEmpty();
  }

  @Test
  void labelsThatMeanNothingAreRefusedAndTheStrictestHolds() {
    Namespace bad =
        namespace(
            "pod-security.kubernetes.io/enforce: strict, pod-security.kubernetes.io/warn-version: v2");
    assertThatThrownBy(() -> plugin.validate(Requests.create(bad), objects))
        .hasMessageContaining(
            "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be"
                + " one of privileged, baseline, restricted")
        .hasMessageContaining("must be \"latest\" or \"v1.x\"");
    plugin.validate(Requests.update(bad, bad), objects);
    assertThat(Policy.of(bad.getMetadata().getLabelsMap()).enforce())
        .hasToString("restricted:latest");
    assertThat(Policy.of(bad.getMetadata().getLabelsMap()).warn()).hasToString("privileged:latest");
    assertThat(Optional.of(Policy.of(namespace("").getMetadata().getLabelsMap())))
        .get()
        .matches(Policy::isPrivileged);
  }
}
