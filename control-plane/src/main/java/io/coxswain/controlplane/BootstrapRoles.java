package io.coxswain.controlplane;

import com.google.protobuf.Message;
import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.api.rbac.v1.Subject;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import io.coxswain.client.lifecycle.Together;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The roles and bindings that every cluster has, from `roles.yaml`. Safe to run again, also by
/// several servers at once: what an administrator added stays, what was taken away comes back.
final class BootstrapRoles {

  private static final String SOURCE = "roles.yaml";
  private static final String LABEL = "kubernetes.io/bootstrapping";
  private static final String UPDATE = "rbac.authorization.kubernetes.io/autoupdate";

  private final ApiClient client;

  BootstrapRoles(ApiClient client) {
    this.client = client;
  }

  /// Asks once what there is, and writes at once what is missing: an empty store has all of them in
  /// a few transactions.
  void run() throws InterruptedException {
    Map<String, ClusterRole> roles = present(client.resources(ClusterRole.class));
    Map<String, ClusterRoleBinding> bindings = present(client.resources(ClusterRoleBinding.class));
    List<Together.Step> steps = new ArrayList<>();
    for (Message object : objects()) {
      steps.add(
          switch (object) {
            case ClusterRole role -> () -> ensure(client.resources(ClusterRole.class), roles, role);
            case ClusterRoleBinding binding ->
                () -> ensure(client.resources(ClusterRoleBinding.class), bindings, binding);
            default ->
                throw new IllegalStateException(
                    SOURCE + " holds a " + object.getClass().getSimpleName());
          });
    }
    Together.run(steps);
  }

  private static <T extends Message> Map<String, T> present(Resources<T> resources) {
    return resources.list(ListOptions.ALL).items().stream()
        .collect(
            Collectors.toMap(object -> ObjectMetas.read(object).getName(), Function.identity()));
  }

  /// @throws IllegalStateException when the program's own file is not right
  static List<Message> objects() {
    try (InputStream stream = BootstrapRoles.class.getResourceAsStream(SOURCE)) {
      if (stream == null) {
        throw new IllegalStateException(SOURCE + " is not in the program");
      }
      return YamlCodec.parse(stream.readAllBytes()).stream().map(BootstrapRoles::object).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message object(YamlDocument document) {
    Message prototype =
        document.content().path("kind").asString("").equals("ClusterRole")
            ? ClusterRole.getDefaultInstance()
            : ClusterRoleBinding.getDefaultInstance();
    Message object =
        new JsonCodec().decode(document.content(), prototype, Strictness.STRICT).message();
    return ObjectMetas.replace(
        object,
        ObjectMetas.read(object).toBuilder()
            .putLabels(LABEL, "rbac-defaults")
            .putAnnotations(UPDATE, "true")
            .build());
  }

  private static <T extends Message> void ensure(
      Resources<T> resources, Map<String, T> known, T wanted) {
    T present = known.get(ObjectMetas.read(wanted).getName());
    try {
      if (present == null) {
        T _ = resources.create(wanted);
        return;
      }
      boolean ours =
          !"false".equals(ObjectMetas.read(present).getAnnotationsOrDefault(UPDATE, "true"));
      T completed = ours ? completed(present, wanted) : present;
      if (!completed.equals(present)) {
        T _ = resources.update(completed);
      }
    } catch (ApiException e) {
      // another server did it at the same moment
      if (!e.isAlreadyExists() && !e.isConflict()) {
        throw e;
      }
    }
  }

  @SuppressWarnings("unchecked") // each case answers with the class it was given
  static <T extends Message> T completed(T present, T wanted) {
    return switch (wanted) {
      case ClusterRole role when role.hasAggregationRule() ->
          (T)
              ((ClusterRole) present)
                  .toBuilder().setAggregationRule(role.getAggregationRule()).build();
      case ClusterRole role -> {
        ClusterRole before = (ClusterRole) present;
        List<PolicyRule> missing =
            role.getRulesList().stream()
                .filter(rule -> !before.getRulesList().contains(rule))
                .toList();
        yield (T) before.toBuilder().addAllRules(missing).build();
      }
      case ClusterRoleBinding binding -> {
        ClusterRoleBinding before = (ClusterRoleBinding) present;
        List<Subject> missing =
            binding.getSubjectsList().stream()
                .filter(subject -> !before.getSubjectsList().contains(subject))
                .toList();
        yield (T) before.toBuilder().addAllSubjects(missing).build();
      }
      default -> present;
    };
  }
}
