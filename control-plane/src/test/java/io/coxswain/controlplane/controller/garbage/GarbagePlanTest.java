package io.coxswain.controlplane.controller.garbage;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.DeletePolicy.Propagation;
import io.coxswain.client.ObjectKey;
import io.coxswain.controlplane.controller.garbage.GarbagePlan.OwnerState;
import io.coxswain.schema.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GarbagePlanTest {

  record Case(
      String name,
      GraphNode node,
      List<GraphNode> dependents,
      Map<String, OwnerState> owners,
      GarbagePlan plan) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() {
    GraphNode child = node("child", List.of("a"), false);
    GraphNode loose =
        new GraphNode(
            child.type(), child.key(), "loose", List.of(owner("parent", false)), false, List.of());
    GraphNode grandchild = node("grandchild", List.of("child"), false);
    GraphNode two = node("two", List.of("a", "b"), false);
    GraphNode foreground = node("parent", List.of(), true, GraphNode.FOREGROUND);
    GraphNode orphaning = node("parent", List.of(), true, GraphNode.ORPHAN);
    GraphNode blocking = node("kid", List.of("parent"), false);
    GarbagePlan keep = new GarbagePlan.Keep();
    return List.of(
        new Case("owned by nobody", node("x", List.of(), false), List.of(), Map.of(), keep),
        new Case("owner is there", child, List.of(), Map.of("a", OwnerState.THERE), keep),
        new Case(
            "owner is gone",
            child,
            List.of(),
            Map.of("a", OwnerState.GONE),
            new GarbagePlan.Delete(Propagation.BACKGROUND)),
        new Case(
            "one of two is gone",
            two,
            List.of(),
            Map.of("a", OwnerState.GONE, "b", OwnerState.THERE),
            new GarbagePlan.DropOwners(Set.of("a"))),
        new Case(
            "owner waits",
            child,
            List.of(),
            Map.of("a", OwnerState.WAITING),
            new GarbagePlan.Delete(Propagation.BACKGROUND)),
        new Case(
            "owner waits for a family",
            child,
            List.of(grandchild),
            Map.of("a", OwnerState.WAITING),
            new GarbagePlan.Delete(Propagation.FOREGROUND)),
        new Case(
            "going already",
            node("c", List.of("a"), true),
            List.of(),
            Map.of("a", OwnerState.GONE),
            keep),
        new Case(
            "foreground with a child",
            foreground,
            List.of(blocking),
            Map.of(),
            new GarbagePlan.AwaitDependents(List.of(blocking))),
        new Case(
            "foreground with a loose child",
            foreground,
            List.of(loose),
            Map.of(),
            new GarbagePlan.DropFinalizer(GraphNode.FOREGROUND)),
        new Case(
            "foreground, all gone",
            foreground,
            List.of(),
            Map.of(),
            new GarbagePlan.DropFinalizer(GraphNode.FOREGROUND)),
        new Case(
            "orphaning",
            orphaning,
            List.of(blocking),
            Map.of(),
            new GarbagePlan.LetGo(List.of(blocking))),
        new Case(
            "orphaned",
            orphaning,
            List.of(),
            Map.of(),
            new GarbagePlan.DropFinalizer(GraphNode.ORPHAN)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decides(Case c) {
    assertThat(GarbagePlan.of(c.node(), c.dependents(), c.owners(), dependent -> false))
        .isEqualTo(c.plan());
  }

  /// As three pods that own each other in a ring.
  @Test
  void whatWaitsInACircleHoldsNobody() {
    GraphNode a = node("a", List.of("c"), true, GraphNode.FOREGROUND);
    GraphNode b = node("b", List.of("a"), true, GraphNode.FOREGROUND);
    GraphNode c = node("c", List.of("b"), true, GraphNode.FOREGROUND);
    GraphNode outside = node("d", List.of("a"), false);
    OwnerGraph graph = new OwnerGraph();
    List.of(a, b, c).forEach(graph::put);

    assertThat(plan(graph, a)).isEqualTo(new GarbagePlan.DropFinalizer(GraphNode.FOREGROUND));

    graph.put(outside);
    assertThat(plan(graph, a)).isEqualTo(new GarbagePlan.AwaitDependents(List.of(outside)));
    assertThat(plan(graph, c)).isEqualTo(new GarbagePlan.DropFinalizer(GraphNode.FOREGROUND));
  }

  /// The last one is not to go yet: then there is no circle of those who wait.
  @Test
  void aChainIsNoCircle() {
    GraphNode a = node("a", List.of("c"), true, GraphNode.FOREGROUND);
    GraphNode b = node("b", List.of("a"), true, GraphNode.FOREGROUND);
    GraphNode c = node("c", List.of("b"), false);
    OwnerGraph graph = new OwnerGraph();
    List.of(a, b, c).forEach(graph::put);
    assertThat(plan(graph, a)).isEqualTo(new GarbagePlan.AwaitDependents(List.of()));
    assertThat(plan(graph, b)).isEqualTo(new GarbagePlan.AwaitDependents(List.of(c)));
  }

  private static GarbagePlan plan(OwnerGraph graph, GraphNode node) {
    return GarbagePlan.of(
        node,
        graph.dependents(node.uid()),
        Map.of(),
        dependent -> graph.awaits(dependent, node.uid()));
  }

  private static GraphNode node(
      String uid, List<String> owners, boolean deleting, String... finalizers) {
    return new GraphNode(
        ResourceType.of(ConfigMap.class),
        new ObjectKey("shop", uid),
        uid,
        owners.stream().map(o -> owner(o, true)).toList(),
        deleting,
        List.of(finalizers));
  }

  private static OwnerReference owner(String uid, boolean blocks) {
    return OwnerReference.newBuilder().setUid(uid).setBlockOwnerDeletion(blocks).build();
  }
}
