package io.coxswain.scheduler.plugin;

import static io.coxswain.scheduler.Fixtures.allocatable;
import static io.coxswain.scheduler.Fixtures.info;
import static io.coxswain.scheduler.Fixtures.labelled;
import static io.coxswain.scheduler.Fixtures.node;
import static io.coxswain.scheduler.Fixtures.pod;
import static io.coxswain.scheduler.Fixtures.tainted;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.ContainerImage;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeSelectorRequirement;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodAffinityTerm;
import io.coxswain.api.core.v1.WeightedPodAffinityTerm;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.scheduler.cycle.Decision;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Where pods would rather go.
class ScoreTest {

  /// @param best the node that is chosen
  record Case(String name, Pod pod, Snapshot snapshot, String best) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    Pod web = labelled(pod("web"), "app=web");
    Pod wishing = pod("wishing");
    Pod.Builder ssd = pod("p").toBuilder();
    ssd.getSpecBuilder()
        .getAffinityBuilder()
        .getNodeAffinityBuilder()
        .addPreferredDuringSchedulingIgnoredDuringExecutionBuilder()
        .setWeight(10)
        .getPreferenceBuilder()
        .addMatchExpressions(
            NodeSelectorRequirement.newBuilder().setKey("disk").setOperator("In").addValues("ssd"));
    Pod.Builder near = pod("p").toBuilder();
    near.getSpecBuilder()
        .getAffinityBuilder()
        .getPodAffinityBuilder()
        .addPreferredDuringSchedulingIgnoredDuringExecution(wish());
    Pod.Builder away = pod("p").toBuilder();
    away.getSpecBuilder()
        .getAffinityBuilder()
        .getPodAntiAffinityBuilder()
        .addPreferredDuringSchedulingIgnoredDuringExecution(wish());
    return Stream.of(
        of(
            "the emptier node",
            wishing,
            "b",
            info(node("a"), pod("o", "cpu=3", "memory=6Gi")),
            info(node("b"))),
        of(
            "pods without requests count, too",
            wishing,
            "b",
            info(node("a"), pod("o1"), pod("o2")),
            info(node("b"), pod("o3"))),
        of(
            "cpu and memory used to the same degree",
            pod("p", "cpu=1", "memory=1Gi"),
            "b",
            info(allocatable(node("a"), "cpu=8", "memory=8Gi"), pod("o", "cpu=4", "memory=0")),
            info(allocatable(node("b"), "cpu=8", "memory=8Gi"), pod("o2", "cpu=2", "memory=2Gi"))),
        of(
            "fewer taints that ask to stay away",
            wishing,
            "b",
            info(tainted(node("a"), "k", "v", "PreferNoSchedule")),
            info(node("b"))),
        of("preferred labels", ssd.build(), "b", info(node("a")), info(node("b", "disk=ssd"))),
        of("near", near.build(), "b", info(node("a")), info(node("b"), web)),
        of("away", away.build(), "b", info(node("a"), web), info(node("b"), pod("o"))),
        of(
            "siblings apart",
            owned("p1"),
            "b",
            info(node("a"), owned("p2")),
            info(node("b"), pod("o"))),
        of(
            "zones before hosts",
            owned("p1"),
            "c",
            info(zoned("a", "z1"), owned("p2")),
            info(zoned("b", "z1")),
            info(zoned("c", "z2"))),
        new Case(
            "pods of a Service apart",
            labelled(pod("p"), "app=web"),
            Snapshot.of(
                List.of(info(node("a"), web), info(node("b"), pod("o"))),
                Map.of(),
                Map.of("default", List.of(Map.of("app", "web")))),
            "b"),
        of(
            "where the image is",
            image("example.com/big:1"),
            "b",
            info(node("a")),
            info(holding(node("b"), "example.com/big:1"))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void prefers(Case c) {
    Decision decision = new Placement(Plugins.standard()).decide(PodInfo.of(c.pod), c.snapshot);
    assertThat(decision).isEqualTo(new Decision.Place(c.best, c.snapshot.nodes().size()));
  }

  private static Case of(String name, Pod pod, String best, NodeInfo... nodes) {
    return new Case(name, pod, Snapshot.of(List.of(nodes)), best);
  }

  private static WeightedPodAffinityTerm wish() {
    return WeightedPodAffinityTerm.newBuilder()
        .setWeight(50)
        .setPodAffinityTerm(
            PodAffinityTerm.newBuilder()
                .setTopologyKey("kubernetes.io/hostname")
                .setLabelSelector(LabelSelector.newBuilder().putMatchLabels("app", "web")))
        .build();
  }

  private static Pod owned(String name) {
    Pod pod = pod(name);
    return pod.toBuilder()
        .setMetadata(
            pod.getMetadata().toBuilder()
                .addOwnerReferences(
                    OwnerReference.newBuilder()
                        .setKind("ReplicaSet")
                        .setUid("rs")
                        .setController(true)))
        .build();
  }

  private static Node zoned(String name, String zone) {
    return node(name, "topology.kubernetes.io/zone=" + zone);
  }

  private static Pod image(String image) {
    Pod.Builder pod = pod("p").toBuilder();
    pod.getSpecBuilder().getContainersBuilder(0).setImage(image);
    return pod.build();
  }

  private static Node holding(Node node, String image) {
    return node.toBuilder()
        .setStatus(
            node.getStatus().toBuilder()
                .addImages(
                    ContainerImage.newBuilder().addNames(image).setSizeBytes(900L * 1024 * 1024)))
        .build();
  }
}
