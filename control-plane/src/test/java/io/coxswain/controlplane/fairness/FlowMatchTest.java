package io.coxswain.controlplane.fairness;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Where the standard schemas send requests.
class FlowMatchTest {

  private static final User NODE = User.node("n1");
  private static final User SOMEBODY = User.of("jane", List.of("people"));

  private final Fairness fairness = new Fairness(600, new SimpleMeterRegistry(), System::nanoTime);

  record Row(Attributes request, String schema, String level) {}

  private static Row row(
      User user,
      String verb,
      String group,
      String resource,
      String namespace,
      String schema,
      String level) {
    int slash = resource.indexOf('/');
    String plural = slash < 0 ? resource : resource.substring(0, slash);
    String part = slash < 0 ? "" : resource.substring(slash + 1);
    return new Row(
        new Attributes(user, verb, group, "v1", plural, part, namespace, "x", "", ""),
        schema,
        level);
  }

  private static User account(String namespace, String name) {
    return User.of(
        User.serviceAccountName(namespace, name),
        List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace));
  }

  static Stream<Row> rows() {
    String leases = "coordination.k8s.io";
    User controllers = User.of("system:kube-controller-manager", List.of());
    User scheduler = User.of("system:kube-scheduler", List.of());
    return Stream.of(
        row(User.ADMINISTRATOR, "get", "", "pods", "a", "exempt", "exempt"),
        row(NODE, "update", leases, "leases", "kube-node-lease", "system-node-high", "node-high"),
        row(NODE, "patch", "", "nodes/status", "", "system-node-high", "node-high"),
        row(NODE, "get", "", "pods", "a", "system-nodes", "system"),
        row(NODE, "patch", "", "pods/status", "a", "system-nodes", "system"),
        row(
            scheduler,
            "update",
            leases,
            "leases",
            "kube-system",
            "system-leader-election",
            "leader-election"),
        row(scheduler, "list", leases, "leases", "", "kube-scheduler", "workload-high"),
        row(controllers, "get", leases, "leases", "a", "system-leader-election", "leader-election"),
        row(controllers, "create", "", "pods", "a", "kube-controller-manager", "workload-high"),
        row(
            account("kube-system", "dns"),
            "list",
            "",
            "pods",
            "",
            "kube-system-service-accounts",
            "workload-high"),
        row(
            account("kube-system", "dns"),
            "update",
            leases,
            "leases",
            "a",
            "system-leader-election",
            "leader-election"),
        row(
            account("kube-systems", "dns"),
            "list",
            "",
            "pods",
            "",
            "service-accounts",
            "workload-low"),
        row(account("a", "default"), "list", "", "pods", "a", "service-accounts", "workload-low"),
        row(SOMEBODY, "list", "", "pods", "a", "global-default", "global-default"),
        new Row(Attributes.ofPath(SOMEBODY, "get", "/healthz/etcd"), "probes", "exempt"),
        new Row(
            Attributes.ofPath(SOMEBODY, "get", "/healthzzz"), "global-default", "global-default"),
        new Row(Attributes.ofPath(SOMEBODY, "get", "/metrics"), "global-default", "global-default"),
        new Row(
            Attributes.ofPath(new User("nobody", List.of()), "get", "/metrics"),
            "catch-all",
            "catch-all"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void requestsGoWhereTheyGoInKubernetes(Row row) {
    Flow flow = fairness.classify(row.request());
    assertThat(flow.schema()).isEqualTo(row.schema());
    assertThat(flow.level()).isEqualTo(row.level());
  }
}
