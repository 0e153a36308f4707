package io.coxswain.scheduler.plugin;

import static io.coxswain.scheduler.Fixtures.allocatable;
import static io.coxswain.scheduler.Fixtures.container;
import static io.coxswain.scheduler.Fixtures.info;
import static io.coxswain.scheduler.Fixtures.labelled;
import static io.coxswain.scheduler.Fixtures.node;
import static io.coxswain.scheduler.Fixtures.pod;
import static io.coxswain.scheduler.Fixtures.tainted;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodAffinityTerm;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.api.core.v1.TopologySpreadConstraint;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.scheduler.cycle.Decision;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Where pods cannot go: one node, one pod, and what is said against it.
class FilterTest {

  private static final String ZONE = "topology.kubernetes.io/zone";

  /// @param objection what the message says of the one node under test; empty when it will do
  record Case(String name, Pod pod, List<NodeInfo> nodes, String objection) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(nodeCases(), resourceCases(), portCases(), affinityCases(), spreadCases())
        .flatMap(s -> s);
  }

  private static Stream<Case> nodeCases() {
    Node tainted = tainted(node("n"), "dedicated", "db", "NoSchedule");
    Node cordoned =
        node("n").toBuilder()
            .setSpec(node("n").getSpec().toBuilder().setUnschedulable(true))
            .build();
    String taint = "node(s) had untolerated taint {dedicated: db}";
    String affinity = "node(s) didn't match Pod's node affinity/selector";
    return Stream.of(
        one("a plain pod", pod("p"), node("n"), ""),
        one("a taint keeps away", pod("p"), tainted, taint),
        one("NoExecute, too", pod("p"), tainted(node("n"), "dedicated", "db", "NoExecute"), taint),
        one(
            "PreferNoSchedule only asks",
            pod("p"),
            tainted(node("n"), "a", "b", "PreferNoSchedule"),
            ""),
        one(
            "tolerated by value",
            tolerating("dedicated", "Equal", "db", "NoSchedule"),
            tainted,
            ""),
        one("another value", tolerating("dedicated", "Equal", "web", "NoSchedule"), tainted, taint),
        one("tolerated by key", tolerating("dedicated", "Exists", "", ""), tainted, ""),
        one("everything tolerated", tolerating("", "Exists", "", ""), tainted, ""),
        one("another effect", tolerating("dedicated", "Exists", "", "NoExecute"), tainted, taint),
        one("an empty operator is Equal", tolerating("dedicated", "", "db", ""), tainted, ""),
        one("cordoned", pod("p"), cordoned, "node(s) were unschedulable"),
        one(
            "cordoned and tolerated",
            tolerating("node.kubernetes.io/unschedulable", "Exists", "", ""),
            cordoned,
            ""),
        one(
            "node selector",
            spec(s -> s.putNodeSelector("disk", "ssd")),
            node("n", "disk=ssd"),
            ""),
        one(
            "node selector differs",
            spec(s -> s.putNodeSelector("disk", "ssd")),
            node("n", "disk=hdd"),
            affinity),
        one("In", onNodes("disk", "In", "ssd", "nvme"), node("n", "disk=nvme"), ""),
        one("NotIn", onNodes("disk", "NotIn", "ssd"), node("n", "disk=ssd"), affinity),
        one("NotIn without the label", onNodes("disk", "NotIn", "ssd"), node("n"), ""),
        one("Exists", onNodes("disk", "Exists"), node("n"), affinity),
        one("DoesNotExist", onNodes("disk", "DoesNotExist"), node("n"), ""),
        one("Gt", onNodes("cores", "Gt", "8"), node("n", "cores=16"), ""),
        one("Gt of the same", onNodes("cores", "Gt", "8"), node("n", "cores=8"), affinity),
        one("Lt", onNodes("cores", "Lt", "8"), node("n", "cores=4"), ""),
        one("Gt of no number", onNodes("cores", "Gt", "8"), node("n", "cores=many"), affinity),
        one(
            "a term without requirements",
            requiring(NodeSelectorTerm.getDefaultInstance()),
            node("n"),
            affinity),
        one("by name", requiring(byName("n")), node("n"), ""),
        one("by another name", requiring(byName("m")), node("n"), affinity));
  }

  private static Stream<Case> resourceCases() {
    Node two = allocatable(node("n"), "cpu=2", "memory=2Gi", "example.com/gpu=1", "pods=2");
    Pod init =
        spec(s ->
            s.addInitContainers(container("cpu=3"))
                .clearContainers()
                .addContainers(container("cpu=1")));
    Pod sidecar =
        spec(s ->
            s.addInitContainers(container("cpu=1").toBuilder().setRestartPolicy("Always"))
                .clearContainers()
                .addContainers(container("cpu=1500m")));
    Pod initBesideSidecar =
        spec(s ->
            s.addInitContainers(container("cpu=1").toBuilder().setRestartPolicy("Always"))
                .addInitContainers(container("cpu=1100m"))
                .clearContainers()
                .addContainers(container("cpu=100m")));
    Pod overhead =
        pod("p", "cpu=1900m").toBuilder()
            .setSpec(
                pod("p", "cpu=1900m").getSpec().toBuilder()
                    .putAllOverhead(io.coxswain.scheduler.Fixtures.quantities("cpu=200m")))
            .build();
    return Stream.of(
        one("fits exactly", pod("p", "cpu=2", "memory=2Gi"), two, ""),
        one("too much cpu", pod("p", "cpu=2001m"), two, "Insufficient cpu"),
        one("too much memory", pod("p", "memory=2049Mi"), two, "Insufficient memory"),
        one("an extended resource", pod("p", "example.com/gpu=1"), two, ""),
        one("too much of one", pod("p", "example.com/gpu=2"), two, "Insufficient example.com/gpu"),
        one(
            "one the node has not",
            pod("p", "example.com/fpga=1"),
            two,
            "Insufficient example.com/fpga"),
        one("an init container's peak", init, two, "Insufficient cpu"),
        one("a sidecar runs beside the others", sidecar, two, "Insufficient cpu"),
        one("an init container beside a sidecar", initBesideSidecar, two, "Insufficient cpu"),
        one("overhead comes on top", overhead, two, "Insufficient cpu"),
        one("what others ask", pod("p", "cpu=1"), two, "Insufficient cpu", pod("o", "cpu=1500m")),
        one("nothing asked, nothing lacking", pod("p"), two, "", pod("o", "cpu=5")),
        one("too many pods", pod("p"), two, "Too many pods", pod("o1"), pod("o2")));
  }

  private static Stream<Case> portCases() {
    String taken = "node(s) didn't have free ports for the requested pod ports";
    return Stream.of(
        one("a free port", port(80, "TCP", ""), node("n"), "", port(81, "TCP", "")),
        one("a taken port", port(80, "TCP", ""), node("n"), taken, port(80, "TCP", "")),
        one("another protocol", port(80, "UDP", ""), node("n"), "", port(80, "TCP", "")),
        one(
            "another address",
            port(80, "TCP", "10.0.0.1"),
            node("n"),
            "",
            port(80, "TCP", "10.0.0.2")),
        one(
            "all addresses",
            port(80, "TCP", "10.0.0.1"),
            node("n"),
            taken,
            port(80, "TCP", "0.0.0.0")));
  }

  private static Stream<Case> affinityCases() {
    Pod web = labelled(pod("web"), "app=web");
    Pod elsewhere =
        web.toBuilder().setMetadata(web.getMetadata().toBuilder().setNamespace("other")).build();
    NodeInfo n = info(node("n", ZONE + "=a"));
    NodeInfo sameZone = info(node("m", ZONE + "=a"), web);
    NodeInfo otherZone = info(node("m", ZONE + "=b"), web);
    String near = "node(s) didn't match pod affinity rules";
    String away = "node(s) didn't match pod anti-affinity rules";
    String unwelcome = "node(s) didn't satisfy existing pods anti-affinity rules";
    Pod hermit = labelled(away("app=web"), "app=hermit");
    return Stream.of(
        new Case("near in the zone", near("app=web"), List.of(n, sameZone), ""),
        new Case("near in another zone", near("app=web"), List.of(n, otherZone), near),
        new Case(
            "near in another namespace",
            near("app=web"),
            List.of(n, info(node("m", ZONE + "=a"), elsewhere)),
            near),
        new Case(
            "the first of its own group", labelled(near("app=web"), "app=web"), List.of(n), ""),
        new Case(
            "no topology label",
            labelled(near("app=web"), "app=web"),
            List.of(info(node("n"))),
            near),
        new Case("away in the zone", away("app=web"), List.of(n, sameZone), away),
        new Case("away in another zone", away("app=web"), List.of(n, otherZone), ""),
        new Case("unwelcome", web, List.of(n, info(node("m", ZONE + "=a"), hermit)), unwelcome),
        new Case("unwelcome elsewhere", web, List.of(n, info(node("m", ZONE + "=b"), hermit)), ""));
  }

  private static Stream<Case> spreadCases() {
    Pod a = labelled(pod("a"), "app=web");
    Pod b = labelled(pod("b"), "app=web");
    Pod spread = spread(1, 0, "DoNotSchedule");
    String full = "node(s) didn't match pod topology spread constraints";
    return Stream.of(
        new Case(
            "level",
            spread,
            List.of(info(node("n", ZONE + "=a"), a), info(node("m", ZONE + "=b"), b)),
            ""),
        new Case(
            "too skew",
            spread,
            List.of(info(node("n", ZONE + "=a"), a), info(node("m", ZONE + "=b"))),
            full),
        new Case(
            "into the emptier",
            spread,
            List.of(info(node("n", ZONE + "=a")), info(node("m", ZONE + "=b"), b)),
            ""),
        new Case(
            "only asked",
            spread(1, 0, "ScheduleAnyway"),
            List.of(info(node("n", ZONE + "=a"), a), info(node("m", ZONE + "=b"))),
            ""),
        new Case("no label", spread, List.of(info(node("n"))), full + " (missing required label)"),
        new Case(
            "fewer domains than asked for",
            spread(1, 2, "DoNotSchedule"),
            List.of(info(node("n", ZONE + "=a"), a)),
            full),
        new Case("one domain only", spread, List.of(info(node("n", ZONE + "=a"), a)), ""));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void saysWhatIsAgainstANode(Case c) {
    // Only the node under test is asked about: the others are there, but full.
    Snapshot snapshot = Snapshot.of(c.nodes);
    Decision decision = new Placement(Plugins.standard()).decide(PodInfo.of(c.pod), snapshot);
    List<String> objections =
        Plugins.standard().filters().stream()
            .flatMap(plugin -> plugin.filter(PodInfo.of(c.pod), snapshot).stream())
            .map(filter -> filter.objections(c.nodes.getFirst()))
            .filter(list -> !list.isEmpty())
            .findFirst()
            .orElse(List.of());
    assertThat(objections).isEqualTo(c.objection.isEmpty() ? List.of() : List.of(c.objection));
    if (c.nodes.size() == 1 && !c.objection.isEmpty()) {
      assertThat(decision)
          .isInstanceOfSatisfying(
              Decision.Unschedulable.class,
              none ->
                  assertThat(none.message())
                      .isEqualTo("0/1 nodes are available: 1 " + c.objection + "."));
    }
  }

  private static Case one(String name, Pod pod, Node node, String objection, Pod... there) {
    return new Case(name, pod, List.of(info(node, there)), objection);
  }

  private static Pod spec(Consumer<PodSpec.Builder> change) {
    Pod.Builder pod = pod("p").toBuilder();
    change.accept(pod.getSpecBuilder());
    return pod.build();
  }

  private static Pod tolerating(String key, String operator, String value, String effect) {
    return spec(s ->
        s.addTolerations(
            Toleration.newBuilder()
                .setKey(key)
                .setOperator(operator)
                .setValue(value)
                .setEffect(effect)));
  }

  private static Pod onNodes(String key, String operator, String... values) {
    return requiring(
        NodeSelectorTerm.newBuilder()
            .addMatchExpressions(
                NodeSelectorRequirement.newBuilder()
                    .setKey(key)
                    .setOperator(operator)
                    .addAllValues(List.of(values)))
            .build());
  }

  private static NodeSelectorTerm byName(String name) {
    return NodeSelectorTerm.newBuilder()
        .addMatchFields(
            NodeSelectorRequirement.newBuilder()
                .setKey("metadata.name")
                .setOperator("In")
                .addValues(name))
        .build();
  }

  private static Pod requiring(NodeSelectorTerm term) {
    return spec(s ->
        s.getAffinityBuilder()
            .getNodeAffinityBuilder()
            .getRequiredDuringSchedulingIgnoredDuringExecutionBuilder()
            .addNodeSelectorTerms(term));
  }

  private static Pod port(int number, String protocol, String ip) {
    Pod.Builder pod = pod("port" + number + protocol + ip).toBuilder();
    pod.getSpecBuilder()
        .getContainersBuilder(0)
        .addPortsBuilder()
        .setContainerPort(8080)
        .setHostPort(number)
        .setProtocol(protocol)
        .setHostIP(ip);
    return pod.build();
  }

  private static PodAffinityTerm term(String label) {
    return PodAffinityTerm.newBuilder()
        .setTopologyKey(ZONE)
        .setLabelSelector(
            LabelSelector.newBuilder().putAllMatchLabels(io.coxswain.scheduler.Fixtures.map(label)))
        .build();
  }

  private static Pod near(String label) {
    return spec(s ->
        s.getAffinityBuilder()
            .getPodAffinityBuilder()
            .addRequiredDuringSchedulingIgnoredDuringExecution(term(label)));
  }

  private static Pod away(String label) {
    return spec(s ->
        s.getAffinityBuilder()
            .getPodAntiAffinityBuilder()
            .addRequiredDuringSchedulingIgnoredDuringExecution(term(label)));
  }

  private static Pod spread(int skew, int domains, String otherwise) {
    return labelled(
        spec(s ->
            s.addTopologySpreadConstraints(
                TopologySpreadConstraint.newBuilder()
                    .setMaxSkew(skew)
                    .setMinDomains(domains)
                    .setTopologyKey(ZONE)
                    .setWhenUnsatisfiable(otherwise)
                    .setLabelSelector(LabelSelector.newBuilder().putMatchLabels("app", "web")))),
        "app=web");
  }
}
