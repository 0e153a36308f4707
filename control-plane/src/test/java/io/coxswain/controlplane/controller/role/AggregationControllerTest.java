package io.coxswain.controlplane.controller.role;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.rbac.v1.AggregationRule;
import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.PolicyRule;
import java.util.List;
import org.junit.jupiter.api.Test;

class AggregationControllerTest {

  private static ClusterRole role(String name, String label, String... resources) {
    ClusterRole.Builder role =
        ClusterRole.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setName(name).putLabels(label, "true"));
    for (String resource : resources) {
      role.addRules(PolicyRule.newBuilder().addVerbs("get").addResources(resource));
    }
    return role.build();
  }

  @Test
  void holdsEachRuleOfWhatItsSelectorsFindOnce() {
    ClusterRole gathering =
        role("admin", "to-admin", "own").toBuilder()
            .setAggregationRule(
                AggregationRule.newBuilder()
                    .addClusterRoleSelectors(
                        LabelSelector.newBuilder().putMatchLabels("to-admin", "true"))
                    .addClusterRoleSelectors(
                        LabelSelector.newBuilder().putMatchLabels("to-edit", "true")))
            .build();

    List<PolicyRule> rules =
        AggregationController.gathered(
            gathering,
            List.of(
                gathering,
                role("z", "to-admin", "pods", "nodes"),
                role("b", "to-edit", "pods", "secrets"),
                role("c", "to-view", "events")));

    assertThat(rules)
        .extracting(rule -> rule.getResources(0))
        .containsExactly("pods", "secrets", "nodes");
  }

  @Test
  void aSelectorThatIsEmptyFindsAll() {
    ClusterRole gathering =
        ClusterRole.newBuilder()
            .setAggregationRule(
                AggregationRule.newBuilder()
                    .addClusterRoleSelectors(LabelSelector.getDefaultInstance()))
            .build();

    assertThat(AggregationController.gathered(gathering, List.of(role("a", "x", "pods"))))
        .hasSize(1);
  }
}
