package io.coxswain.controlplane.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.authn.User;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoleAuthorizerTest {

  private static final String OBJECTS =
      """
      kind: ClusterRole
      metadata: {name: reader}
      rules:
        - {verbs: [get, list, watch], apiGroups: [""], resources: [pods, pods/log]}
        - {verbs: [get], nonResourceURLs: [/metrics, "/debug/*"]}
      ---
      kind: ClusterRole
      metadata: {name: scaler}
      rules:
        - {verbs: ["*"], apiGroups: ["*"], resources: ["*/scale"]}
      ---
      kind: Role
      metadata: {name: one-map, namespace: shop}
      rules:
        - {verbs: [get, update], apiGroups: [""], resources: [configmaps], resourceNames: [prices]}
      ---
      kind: ClusterRoleBinding
      metadata: {name: readers}
      roleRef: {kind: ClusterRole, name: reader}
      subjects: [{kind: Group, name: staff}]
      ---
      kind: RoleBinding
      metadata: {name: local, namespace: shop}
      roleRef: {kind: ClusterRole, name: reader}
      subjects: [{kind: User, name: joe}, {kind: ServiceAccount, name: robot}]
      ---
      kind: RoleBinding
      metadata: {name: prices, namespace: shop}
      roleRef: {kind: Role, name: one-map}
      subjects: [{kind: ServiceAccount, name: robot, namespace: other}]
      ---
      kind: ClusterRoleBinding
      metadata: {name: scalers}
      roleRef: {kind: ClusterRole, name: scaler}
      subjects: [{kind: User, name: joe}]
      ---
      kind: ClusterRoleBinding
      metadata: {name: nowhere}
      roleRef: {kind: ClusterRole, name: missing}
      subjects: [{kind: User, name: joe}]
      """;

  private static final Map<String, Message> PROTOTYPES =
      Map.of(
          "ClusterRole", ClusterRole.getDefaultInstance(),
          "ClusterRoleBinding", ClusterRoleBinding.getDefaultInstance(),
          "Role", Role.getDefaultInstance(),
          "RoleBinding", RoleBinding.getDefaultInstance());

  private final RoleAuthorizer roles = new RoleAuthorizer(new KnownRoles(objects(OBJECTS)));

  static List<Message> objects(String yaml) {
    JsonCodec codec = new JsonCodec();
    return YamlCodec.parse(yaml).stream()
        .<Message>map(document -> {
          Message prototype =
              Objects.requireNonNull(PROTOTYPES.get(document.content().path("kind").asString("")));
          return codec.decode(document.content(), prototype, Strictness.IGNORE).message();
        })
        .toList();
  }

  private static User user(String name) {
    return switch (name) {
      case "ann" -> User.of("ann", List.of("staff"));
      case "robot" -> User.of("system:serviceaccount:shop:robot", List.of());
      case "other-robot" -> User.of("system:serviceaccount:other:robot", List.of());
      default -> User.of(name, List.of());
    };
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          ann,         get,    pods,              shop, p,      true
          ann,         list,   pods,              -,    -,      true
          ann,         get,    pods/log,          shop, p,      true
          ann,         get,    pods/exec,         shop, p,      false
          ann,         delete, pods,              shop, p,      false
          ann,         get,    secrets,           shop, s,      false
          joe,         get,    pods,              shop, p,      true
          joe,         get,    pods,              bank, p,      false
          joe,         list,   pods,              -,    -,      false
          joe,         update, deployments/scale, bank, d,      true
          joe,         update, deployments,       bank, d,      false
          robot,       get,    pods,              shop, p,      true
          robot,       get,    configmaps,        shop, prices, false
          other-robot, get,    configmaps,        shop, prices, true
          other-robot, get,    configmaps,        shop, costs,  false
          other-robot, list,   configmaps,        shop, -,      false
          other-robot, get,    pods,              shop, p,      false
          """)
  void decides(
      String who, String verb, String resource, String namespace, String name, boolean allowed) {
    String[] parts = resource.split("/", -1);
    Attributes wanted =
        new Attributes(
            user(who),
            verb,
            parts[0].equals("deployments") ? "apps" : "",
            "v1",
            parts[0],
            parts.length > 1 ? parts[1] : "",
            namespace == null ? "" : namespace,
            name == null ? "" : name,
            "",
            "");

    assertThat(roles.authorize(wanted).allowed()).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "ann, /metrics, true",
    "ann, /metrics/slis, false",
    "ann, /debug/pprof, true",
    "joe, /metrics, false" // a role of one namespace says nothing of paths
  })
  void pathsComeFromRolesOfTheWholeCluster(String who, String path, boolean allowed) {
    assertThat(roles.authorize(Attributes.ofPath(user(who), "get", path)).allowed())
        .isEqualTo(allowed);
  }

  @Test
  void tellsWhoseWordItWas() {
    Attributes wanted =
        new Attributes(user("ann"), "get", "", "v1", "pods", "", "shop", "p", "", "");

    assertThat(roles.authorize(wanted).reason())
        .isEqualTo(
            "RBAC: allowed by ClusterRoleBinding \"readers\" of ClusterRole \"reader\" to Group"
                + " \"staff\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          get list watch | ''   | pods pods/log   | ''     | true
          get            | ''   | pods            | p      | true
          get delete     | ''   | pods            | ''     | false
          *              | ''   | pods            | ''     | false
          get            | *    | pods            | ''     | false
          get            | ''   | *               | ''     | false
          get            | ''   | configmaps      | prices | true
          get            | ''   | configmaps      | prices costs | false
          get            | ''   | configmaps      | ''     | false
          patch          | apps | deployments/scale | ''   | true
          """)
  void aRuleIsCoveredByWhatIsHeld(
      String verbs, String groups, String resources, String names, boolean covered) {
    List<PolicyRule> held =
        objects(OBJECTS).stream()
            .flatMap(object ->
                switch (object) {
                  case ClusterRole role -> role.getRulesList().stream();
                  case Role role -> role.getRulesList().stream();
                  default -> java.util.stream.Stream.<PolicyRule>empty();
                })
            .toList();
    PolicyRule wanted =
        PolicyRule.newBuilder()
            .addAllVerbs(words(verbs))
            .addApiGroups(groups)
            .addAllResources(words(resources))
            .addAllResourceNames(words(names))
            .build();

    assertThat(PolicyRules.cover(held, wanted)).isEqualTo(covered);
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
  }
}
