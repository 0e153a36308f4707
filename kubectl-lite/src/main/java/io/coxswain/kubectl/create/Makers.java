package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.document.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Every [Maker], by the word or words after `create`.
public final class Makers {

  /// In the order of the help.
  public static final List<String> WORDS =
      List.of(
          "clusterrole",
          "clusterrolebinding",
          "configmap",
          "cronjob",
          "deployment",
          "ingress",
          "job",
          "namespace",
          "poddisruptionbudget",
          "priorityclass",
          "quota",
          "role",
          "rolebinding",
          "serviceaccount");

  public static final List<String> SECRETS = List.of("docker-registry", "generic", "tls");

  public static final List<String> SERVICES =
      List.of("clusterip", "externalname", "loadbalancer", "nodeport");

  private Makers() {}

  public static Optional<Maker> find(String word) {
    return switch (word) {
      case "clusterrole" -> Optional.of(RoleMaker.ofCluster());
      case "clusterrolebinding" -> Optional.of(RoleBindingMaker.ofCluster());
      case "configmap", "cm" -> Optional.of(new ConfigMapMaker());
      case "cronjob", "cj" -> Optional.of(new CronJobMaker());
      case "deployment", "deploy" -> Optional.of(new DeploymentMaker());
      case "ingress", "ing" -> Optional.of(new IngressMaker());
      case "job" -> Optional.of(new JobMaker());
      case "namespace", "ns" -> Optional.of(PlainMaker.namespace());
      case "poddisruptionbudget", "pdb" -> Optional.of(new BudgetMaker());
      case "priorityclass", "pc" -> Optional.of(new PriorityClassMaker());
      case "quota", "resourcequota" -> Optional.of(new QuotaMaker());
      case "role" -> Optional.of(RoleMaker.ofNamespace());
      case "rolebinding" -> Optional.of(RoleBindingMaker.ofNamespace());
      case "serviceaccount", "sa" -> Optional.of(PlainMaker.serviceAccount());
      default -> Optional.empty();
    };
  }

  public static Optional<Maker> secret(String word) {
    return switch (word) {
      case "generic" -> Optional.of(new SecretMaker());
      case "tls" -> Optional.of(new TlsSecretMaker());
      case "docker-registry" -> Optional.of(new RegistrySecretMaker());
      default -> Optional.empty();
    };
  }

  public static Optional<Maker> service(String word) {
    return switch (word) {
      case "clusterip" -> Optional.of(new ServiceMaker("ClusterIP"));
      case "externalname" -> Optional.of(new ServiceMaker("ExternalName"));
      case "loadbalancer" -> Optional.of(new ServiceMaker("LoadBalancer"));
      case "nodeport" -> Optional.of(new ServiceMaker("NodePort"));
      default -> Optional.empty();
    };
  }

  static ObjectNode named(String apiVersion, String kind, String name) {
    ObjectNode object = Json.object().put("apiVersion", apiVersion).put("kind", kind);
    object.putObject("metadata").put("name", name);
    return object;
  }

  /// The value of an option that has to be there.
  static String required(Options options, String name) {
    return options
        .find(name)
        .orElseThrow(() -> new Failure("error: required flag(s) \"" + name + "\" not set"));
  }
}
