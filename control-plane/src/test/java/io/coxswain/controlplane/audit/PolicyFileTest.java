package io.coxswain.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PolicyFileTest {

  private static final String HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

  private static final User TIM = new User("tim@k8s.io", List.of("humans", "developers"));

  private static final Map<String, Attributes> REQUESTS =
      Map.of(
          "pod", resource(TIM, "get", "", "pods", "", "default", "busybox"),
          "log", resource(TIM, "get", "", "pods", "log", "default", "busybox"),
          "stranger",
              resource(new User("", List.of()), "get", "", "pods", "", "default", "busybox"),
          "role", resource(TIM, "get", "rbac.authorization.k8s.io", "clusterroles", "", "", "edit"),
          "roleStatus",
              resource(
                  TIM, "update", "rbac.authorization.k8s.io", "clusterroles", "status", "", "some"),
          "namespace", resource(TIM, "get", "", "namespaces", "", "", "shop"),
          "path", Attributes.ofPath(TIM, "get", "/logs/kubelet.log"));

  private static final Map<String, String> RULES =
      Map.ofEntries(
          Map.entry("default", "{level: Metadata}"),
          Map.entry("create", "{level: Request, verbs: [create]}"),
          Map.entry("tims", "{level: Metadata, users: [tim@k8s.io]}"),
          Map.entry("humans", "{level: Metadata, userGroups: [humans]}"),
          Map.entry("accounts", "{level: Request, userGroups: ['system:serviceaccounts']}"),
          Map.entry(
              "pods", "{level: RequestResponse, verbs: [get], resources: [{resources: [pods]}]}"),
          Map.entry(
              "podLogs", "{level: Request, verbs: [get], resources: [{resources: [pods/log]}]}"),
          Map.entry("anything", "{level: Request, verbs: [get], resources: [{resources: ['*']}]}"),
          Map.entry(
              "anyLog", "{level: Request, verbs: [get], resources: [{resources: ['*/log']}]}"),
          Map.entry(
              "ofPods", "{level: Request, verbs: [get], resources: [{resources: ['pods/*']}]}"),
          Map.entry("core", "{level: Request, resources: [{group: ''}]}"),
          Map.entry(
              "roles",
              "{level: RequestResponse, verbs: [get], namespaces: [''], resources: ["
                  + "{group: rbac.authorization.k8s.io, resources: [clusterroles]}]}"),
          Map.entry(
              "edit",
              "{level: Request, resources: [{group: rbac.authorization.k8s.io, resources:"
                  + " [clusterroles], resourceNames: [edit]}]}"),
          Map.entry(
              "anyStatus",
              "{level: RequestResponse, verbs: [update], resources: [{group: '*', resources:"
                  + " ['*/status']}]}"),
          Map.entry("shop", "{level: Request, namespaces: [shop]}"),
          Map.entry("logs", "{level: RequestResponse, verbs: [get], nonResourceURLs: ['/logs*']}"),
          Map.entry("metrics", "{level: Request, verbs: [get], nonResourceURLs: [/metrics]}"),
          Map.entry("paths", "{level: Request, nonResourceURLs: ['*']}"));

  @TempDir static Path folder;

  private static Attributes resource(
      User user,
      String verb,
      String group,
      String resource,
      String part,
      String namespace,
      String name) {
    return new Attributes(user, verb, group, "v1", resource, part, namespace, name, "", "");
  }

  private static Attributes request(String name) {
    return Optional.ofNullable(REQUESTS.get(name)).orElseThrow();
  }

  private static AuditPolicy policy(String text) throws IOException {
    return PolicyFile.read(Files.writeString(folder.resolve("policy.yaml"), text));
  }

  private static AuditPolicy rules(String... names) throws IOException {
    return policy(
        HEAD
            + "rules:\n"
            + List.of(names).stream()
                .map(name -> "- " + RULES.get(name) + "\n")
                .collect(Collectors.joining()));
  }

  @ParameterizedTest(name = "{0} by {1}: {2}")
  @CsvSource({
    "pod, default, Metadata",
    "pod, create, None",
    "pod, tims, Metadata",
    "pod, humans, Metadata",
    "pod, accounts, None",
    "pod, pods, RequestResponse",
    "pod, roles, None",
    "pod, logs, None",
    "pod, metrics, None",
    "pod, metrics accounts default, Metadata",
    "pod, metrics pods default, RequestResponse",
    "pod, podLogs pods, RequestResponse",
    "pod, ofPods, Request",
    "pod, anyLog, None",
    "pod, core, Request",
    "pod, shop, None",
    "role, pods, None",
    "role, roles, RequestResponse",
    "role, edit roles, Request",
    "role, core, None",
    "role, podLogs pods, None",
    "role, metrics roles default, RequestResponse",
    "roleStatus, edit, None",
    "roleStatus, anyStatus, RequestResponse",
    "namespace, shop, Request",
    "path, default, Metadata",
    "path, pods, None",
    "path, logs, RequestResponse",
    "path, metrics, None",
    "path, paths, Request",
    "log, podLogs pods, Request",
    "log, pods, None",
    "log, anything, Request",
    "log, anyLog, Request",
    "log, ofPods, Request",
    "stranger, tims, None",
    "stranger, tims default, Metadata",
    "stranger, humans, None",
  })
  void theFirstRuleThatARequestFitsCounts(String request, String rules, String level)
      throws Exception {
    assertThat(rules(rules.split(" ")).of(request(request)).level().text()).isEqualTo(level);
  }

  @Test
  void stagesAreOmittedByThePolicyAndItsRules() throws Exception {
    AuditPolicy policy =
        policy(
            HEAD
                + """
                omitStages: [RequestReceived]
                omitManagedFields: true
                rules:
                - {level: Metadata, verbs: [list], omitManagedFields: false}
                - {level: Metadata, omitStages: [Panic]}
                """);
    AuditPolicy.Ruling get = policy.of(request("pod"));
    assertThat(get.silent()).isEqualTo(Set.of(Stage.RECEIVED, Stage.PANIC));
    assertThat(get.omitManagedFields()).isTrue();
    AuditPolicy.Ruling list = policy.of(resource(TIM, "list", "", "pods", "", "default", ""));
    assertThat(list.silent()).isEqualTo(Set.of(Stage.RECEIVED));
    assertThat(list.omitManagedFields()).isFalse();
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rules: []                                    | rules: Required value
          rules: {}                                    | rules: Required value
          rules: [{}]                                  | rules[0].level: Required value
          rules: [{level: All}]                        | rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"
          rules: [{level: None, usrs: [a]}]            | unknown field "rules[0].usrs"
          rules: [{level: None, users: a}]             | rules[0].users: must be a list of strings, not: "a"
          rules: [{level: None, omitStages: [Never]}]  | rules[0].omitStages[0]: Invalid value: "Never": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic
          {rules: [{level: None}], omitStages: [Never]} | omitStages[0]: Invalid value: "Never"
          rules: [{level: None, omitManagedFields: no way}] | rules[0].omitManagedFields: must be true or false
          rules: [{level: None, nonResourceURLs: [metrics]}] | rules[0].nonResourceURLs[0]: Invalid value: "metrics": non-resource URL rules must begin with a '/' character
          rules: [{level: None, nonResourceURLs: ['/a*b']}] | rules[0].nonResourceURLs[0]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule
          rules: [{level: None, nonResourceURLs: [/a], namespaces: [b]}] | rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs
          rules: [{level: None, resources: [{group: rbac/v1}]}] | rules[0].resources[0].group: Invalid value: "rbac/v1"
          rules: [{level: None, resources: [{resourceNames: [a]}]}] | rules[0].resources[0].resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource
          rules: [{level: None, resources: [{kinds: [a]}]}] | unknown field "rules[0].resources[0].kinds"
          rules: [a]                                   | rules[0]: must be a map
          rules: [                                     | line
          """)
  void whatIsWrongIsSaidWithItsPlace(String rest, String expected) throws Exception {
    String head =
        rest.startsWith("{")
            ? "{apiVersion: audit.k8s.io/v1, kind: Policy, " + rest.substring(1)
            : HEAD + rest + "\n";
    assertThatThrownBy(() -> policy(head))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("The audit policy " + folder.resolve("policy.yaml") + ": ")
        .hasMessageContaining(expected);
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    assertThatThrownBy(() -> policy("kind: Policy\nrules: [{level: A}, {level: B}]\n"))
        .hasMessageContaining("apiVersion: audit.k8s.io/v1")
        .hasMessageContaining("rules[0].level")
        .hasMessageContaining("rules[1].level");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> PolicyFile.read(folder.resolve("none.yaml")))
        .hasMessageContaining("none.yaml does not exist");
  }
}
