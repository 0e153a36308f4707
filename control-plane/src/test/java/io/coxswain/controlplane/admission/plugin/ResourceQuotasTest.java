package io.coxswain.controlplane.admission.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ResourceQuota;
import io.coxswain.api.core.v1.Service;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ResourceQuotasTest {

  private static final String META = "metadata: {name: web, namespace: shop}\n";

  private final FakeObjects objects = new FakeObjects();
  private final ResourceQuotas quotas =
      new ResourceQuotas(() -> Instant.parse("2026-11-24T10:00:00Z"));

  /// With nothing used.
  private void quota(String name, String spec, String... hard) {
    StringBuilder amounts = new StringBuilder();
    StringBuilder used = new StringBuilder();
    for (String one : hard) {
      amounts.append(one).append(", ");
      used.append(one, 0, one.indexOf(':')).append(": 0, ");
    }
    var _ =
        objects.with(
            Requests.object(
                ResourceQuota.class,
                """
                metadata: {name: %s, namespace: shop, resourceVersion: "1"}
                spec: {%s}
                status: {hard: {%s}, used: {%s}}
                """
                    .formatted(name, spec, amounts, used)));
  }

  private Map<String, String> used(String name) {
    Map<String, String> used = new TreeMap<>();
    objects
        .find(ResourceQuota.class, "shop", name)
        .orElseThrow()
        .getStatus()
        .getUsedMap()
        .forEach((resource, amount) -> used.put(resource, amount.getString()));
    return used;
  }

  private static Pod pod(String spec) {
    return Requests.object(
        Pod.class, META + "spec: {" + spec + "containers: [{name: c, image: i}]}");
  }

  private static Pod sized(String resources) {
    return Requests.object(
        Pod.class,
        META + "spec: {containers: [{name: c, image: i, resources: {" + resources + "}}]}");
  }

  private Charge charge(Message object) {
    return quotas.charge(Requests.create(object), objects);
  }

  @Test
  void whatIsNotThereIsRefusedInTheWordsThatToolsKnow() {
    quota("compute", "", "pods: 1", "cpu: 2");
    var _ = charge(sized("requests: {cpu: 1500m}"));
    assertThat(used("compute")).isEqualTo(Map.of("pods", "1", "cpu", "1500m"));
    assertThatThrownBy(() -> charge(sized("requests: {cpu: 1}")))
        .hasMessage(
            "pods \"web\" is forbidden: exceeded quota: compute, requested: cpu=1,pods=1, used:"
                + " cpu=1500m,pods=1, limited: cpu=2,pods=1");
    assertThatThrownBy(() -> charge(sized("requests: {cpu: 100m}")))
        .hasMessageEndingWith(
            "exceeded quota: compute, requested: pods=1, used: pods=1, limited: pods=1");
    assertThatThrownBy(() -> charge(pod("")))
        .hasMessage("pods \"web\" is forbidden: failed quota: compute: must specify cpu for: c");
  }

  /// @param status of the container `c`
  private static Pod resizing(String wanted, String status, String condition) {
    return Requests.object(
        Pod.class,
        META
            + "spec: {containers: [{name: c, image: i, resources: {"
            + wanted
            + "}}]}\nstatus: {containerStatuses: [{name: c, image: i, imageID: i, ready: true,"
            + " restartCount: 0, "
            + status
            + "}], conditions: ["
            + condition
            + "]}");
  }

  static Stream<Counted> resized() {
    String large =
        "allocatedResources: {cpu: 2}, resources: {requests: {cpu: 2}, limits: {cpu: 3}}";
    String set = "allocatedResources: {cpu: 1}, resources: {requests: {cpu: 2}, limits: {cpu: 3}}";
    String less = "requests: {cpu: 1}, limits: {cpu: 2}";
    String more = "requests: {cpu: 4}, limits: {cpu: 5}";
    return Stream.of(
        new Counted(
            "what its node has not taken back",
            resizing(less, set, ""),
            Map.of("cpu", "2", "limits.cpu", "3")),
        new Counted(
            "what it wants", resizing(more, large, ""), Map.of("cpu", "4", "limits.cpu", "5")),
        new Counted(
            "but not what its node never has",
            resizing(more, large, "{type: PodResizePending, status: 'True', reason: Infeasible}"),
            Map.of("cpu", "2", "limits.cpu", "3")));
  }

  @ParameterizedTest
  @MethodSource("resized")
  void aPodWhoseResourcesChangeCountsForAllThatItHolds(Counted one) {
    quota("q", "", "cpu: 9", "limits.cpu: 9");
    var _ = charge(one.object());
    assertThat(used("q")).isEqualTo(one.used());
  }

  @Test
  void whatWasNotStoredIsGivenBack() {
    quota("compute", "", "pods: 1");
    charge(pod("")).giveBack();
    assertThat(used("compute")).isEqualTo(Map.of("pods", "0"));
  }

  @Test
  void aRefusalOfOneQuotaChargesNone() {
    quota("first", "", "pods: 5");
    quota("second", "", "pods: 0");
    assertThatThrownBy(() -> charge(pod(""))).hasMessageContaining("exceeded quota: second");
    assertThat(used("first")).isEqualTo(Map.of("pods", "0"));
  }

  @Test
  void aTrialChargesNothing() {
    quota("compute", "", "pods: 1");
    AdmissionRequest real = Requests.create(pod(""));
    var _ =
        quotas.charge(
            new AdmissionRequest(
                real.type(),
                "",
                "shop",
                "web",
                Optional.empty(),
                real.object(),
                true,
                real.notes()),
            objects);
    assertThat(used("compute")).isEqualTo(Map.of("pods", "0"));
  }

  @Test
  void aQuotaThatWasNeverCountedLetsNothingThrough() {
    var _ =
        objects.with(
            Requests.object(
                ResourceQuota.class,
                "metadata: {name: q, namespace: shop, resourceVersion: '1'}\n"
                    + "status: {hard: {pods: 1}}"));
    assertThatThrownBy(() -> charge(pod("")))
        .hasMessageEndingWith("status unknown for quota: q, resources: pods");
  }

  record Scope(String about, String spec, Pod pod, boolean counts) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Scope> scopes() {
    String priority = "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: ";
    Pod plain = pod("");
    Pod big = sized("requests: {memory: 1Gi}");
    Pod limited = pod("activeDeadlineSeconds: 9, ");
    Pod gold = pod("priorityClassName: gold, ");
    Pod across =
        pod(
            "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{namespaces: [x], topologyKey: z}]}}, ");
    return Stream.of(
        new Scope("best effort", "scopes: [BestEffort]", plain, true),
        new Scope("not best effort", "scopes: [NotBestEffort]", plain, false),
        new Scope("more than best effort", "scopes: [BestEffort]", big, false),
        new Scope("indeed more", "scopes: [NotBestEffort]", big, true),
        new Scope("terminating", "scopes: [Terminating]", limited, true),
        new Scope("not terminating", "scopes: [NotTerminating]", limited, false),
        new Scope("lasting", "scopes: [NotTerminating]", plain, true),
        new Scope("both", "scopes: [Terminating, NotBestEffort]", limited, false),
        new Scope("of the class", priority + "In, values: [gold]}]}", gold, true),
        new Scope("of another class", priority + "In, values: [tin]}]}", gold, false),
        new Scope("not of the class", priority + "NotIn, values: [gold]}]}", plain, true),
        new Scope("of any class", priority + "Exists}]}", gold, true),
        new Scope("of no class", priority + "DoesNotExist}]}", gold, false),
        new Scope("across", "scopes: [CrossNamespacePodAffinity]", across, true),
        new Scope("not across", "scopes: [CrossNamespacePodAffinity]", plain, false));
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void aQuotaCountsPodsInItsScope(Scope one) {
    quota("q", one.spec(), "pods: 5");
    var _ = charge(one.pod());
    assertThat(used("q")).isEqualTo(Map.of("pods", one.counts() ? "1" : "0"));
  }

  record Counted(String about, Message object, Map<String, String> used) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Counted> counted() {
    return Stream.of(
        new Counted(
            "a pod",
            sized(
                "requests: {cpu: 1, memory: 1Gi, example.com/gpu: 2}, limits: {cpu: 2, memory: 2Gi, example.com/gpu: 2}"),
            Map.of(
                "count/pods",
                "1",
                "requests.cpu",
                "1",
                "limits.memory",
                "2Gi",
                "requests.example.com/gpu",
                "2")),
        new Counted(
            "a config map",
            Requests.object(ConfigMap.class, META),
            Map.of("configmaps", "1", "count/configmaps", "1")),
        new Counted(
            "a service of a balancer",
            Requests.object(
                Service.class, META + "spec: {type: LoadBalancer, ports: [{port: 1}, {port: 2}]}"),
            Map.of("services", "1", "services.loadbalancers", "1", "services.nodeports", "2")),
        new Counted(
            "a service inside",
            Requests.object(Service.class, META + "spec: {ports: [{port: 1}]}"),
            Map.of("services", "1")),
        new Counted(
            "a claim",
            Requests.object(
                PersistentVolumeClaim.class,
                META + "spec: {storageClassName: fast, resources: {requests: {storage: 3Gi}}}"),
            Map.of(
                "persistentvolumeclaims",
                "1",
                "requests.storage",
                "3Gi",
                "fast.storageclass.storage.k8s.io/requests.storage",
                "3Gi",
                "fast.storageclass.storage.k8s.io/persistentvolumeclaims",
                "1")));
  }

  @ParameterizedTest
  @MethodSource("counted")
  void eachKindIsCountedByItsNames(Counted one) {
    String[] all =
        Stream.of(
                "count/pods",
                "requests.cpu",
                "limits.memory",
                "requests.example.com/gpu",
                "configmaps",
                "count/configmaps",
                "services",
                "services.loadbalancers",
                "services.nodeports",
                "persistentvolumeclaims",
                "requests.storage",
                "fast.storageclass.storage.k8s.io/requests.storage",
                "fast.storageclass.storage.k8s.io/persistentvolumeclaims",
                "slow.storageclass.storage.k8s.io/requests.storage")
            .map(name -> name + ": 100Gi")
            .toArray(String[]::new);
    quota("q", "", all);
    var _ = charge(one.object());
    Map<String, String> used = used("q");
    used.values().removeIf("0"::equals);
    assertThat(used).isEqualTo(one.used());
  }

  @Test
  void aChangeIsChargedForWhatItTakesMore() {
    quota("q", "", "services.nodeports: 3", "services: 1");
    Service two =
        Requests.object(
            Service.class, META + "spec: {type: NodePort, ports: [{port: 1}, {port: 2}]}");
    Service four =
        Requests.object(
            Service.class,
            META + "spec: {type: NodePort, ports: [{port: 1}, {port: 2}, {port: 3}, {port: 4}]}");
    Service none = Requests.object(Service.class, META + "spec: {ports: [{port: 1}]}");
    var _ = charge(none);
    var _ = quotas.charge(Requests.update(none, two), objects);
    assertThat(used("q")).isEqualTo(Map.of("services", "1", "services.nodeports", "2"));
    assertThatThrownBy(() -> quotas.charge(Requests.update(two, four), objects))
        .hasMessageEndingWith(
            "requested: services.nodeports=2, used: services.nodeports=2, limited:"
                + " services.nodeports=3");
    var _ = quotas.charge(Requests.update(two, none), objects);
    assertThat(used("q")).isEqualTo(Map.of("services", "1", "services.nodeports", "2"));
  }
}
