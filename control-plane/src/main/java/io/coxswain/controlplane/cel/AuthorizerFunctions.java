package io.coxswain.controlplane.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.authz.Authorizer;
import io.coxswain.controlplane.authz.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What expressions may ask about who may do what:
/// `authorizer.group('apps').resource('deployments') .namespace('a').check('create').allowed()`.
@SuppressWarnings("Immutable") // functions here are pure but for what the authorizer knows
public final class AuthorizerFunctions {

  static final CelType AUTHORIZER = OpaqueType.create("kubernetes.authorization.Authorizer");
  static final CelType RESOURCE_CHECK = OpaqueType.create("kubernetes.authorization.ResourceCheck");
  private static final CelType PATH_CHECK = OpaqueType.create("kubernetes.authorization.PathCheck");
  private static final CelType GROUP_CHECK =
      OpaqueType.create("kubernetes.authorization.GroupCheck");
  private static final CelType DECISION = OpaqueType.create("kubernetes.authorization.Decision");

  /// The value of the variable `authorizer`.
  record Asker(Authorizer authorizer, User user) {
    Asker serviceAccount(String namespace, String name) {
      return new Asker(
          authorizer,
          User.of(
              User.serviceAccountName(namespace, name),
              List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace),
              "",
              Map.of()));
    }
  }

  private record PathCheck(Asker asker, String path) {
    Decision check(String verb) {
      return asker.authorizer().authorize(Attributes.ofPath(asker.user(), verb, path));
    }
  }

  private record GroupCheck(Asker asker, String group) {}

  /// The value of `authorizer.requestResource`, too.
  record ResourceCheck(
      Asker asker,
      String group,
      String version,
      String resource,
      String subresource,
      String namespace,
      String name,
      String fieldSelector) {

    ResourceCheck part(String part) {
      return new ResourceCheck(
          asker, group, version, resource, part, namespace, name, fieldSelector);
    }

    ResourceCheck in(String where) {
      return new ResourceCheck(
          asker, group, version, resource, subresource, where, name, fieldSelector);
    }

    ResourceCheck named(String what) {
      return new ResourceCheck(
          asker, group, version, resource, subresource, namespace, what, fieldSelector);
    }

    ResourceCheck fields(String selector) {
      return new ResourceCheck(
          asker, group, version, resource, subresource, namespace, name, selector);
    }

    Decision check(String verb) {
      return asker
          .authorizer()
          .authorize(
              new Attributes(
                  asker.user(),
                  verb,
                  group,
                  version,
                  resource,
                  subresource,
                  namespace,
                  name,
                  fieldSelector,
                  ""));
    }
  }

  private final List<CelFunctionDecl> declarations = new ArrayList<>();
  private final List<CelFunctionBinding> bindings = new ArrayList<>();

  AuthorizerFunctions() {
    add("path", AUTHORIZER, PATH_CHECK, Asker.class, PathCheck::new);
    add("group", AUTHORIZER, GROUP_CHECK, Asker.class, GroupCheck::new);
    declarations.add(
        member("serviceAccount", "authorizer_serviceaccount", AUTHORIZER, AUTHORIZER, 2));
    bindings.add(
        CelFunctionBinding.from(
            "authorizer_serviceaccount",
            ImmutableList.of(Asker.class, String.class, String.class),
            arguments ->
                ((Asker) arguments[0])
                    .serviceAccount((String) arguments[1], (String) arguments[2])));
    add(
        "resource",
        GROUP_CHECK,
        RESOURCE_CHECK,
        GroupCheck.class,
        (group, resource) ->
            new ResourceCheck(group.asker(), group.group(), "*", resource, "", "", "", ""));
    add("subresource", RESOURCE_CHECK, RESOURCE_CHECK, ResourceCheck.class, ResourceCheck::part);
    add("namespace", RESOURCE_CHECK, RESOURCE_CHECK, ResourceCheck.class, ResourceCheck::in);
    add("name", RESOURCE_CHECK, RESOURCE_CHECK, ResourceCheck.class, ResourceCheck::named);
    add(
        "fieldSelector",
        RESOURCE_CHECK,
        RESOURCE_CHECK,
        ResourceCheck.class,
        ResourceCheck::fields);
    add(
        "labelSelector",
        RESOURCE_CHECK,
        RESOURCE_CHECK,
        ResourceCheck.class,
        (check, selector) -> check); // rules know no labels
    checks();
    decisions();
  }

  /// Two overloads of one name.
  private void checks() {
    declarations.add(
        CelFunctionDecl.newFunctionDeclaration(
            "check",
            overload("pathcheck_check", PATH_CHECK, DECISION, 1),
            overload("resourcecheck_check", RESOURCE_CHECK, DECISION, 1)));
    bindings.add(
        CelFunctionBinding.from(
            "pathcheck_check", PathCheck.class, String.class, PathCheck::check));
    bindings.add(
        CelFunctionBinding.from(
            "resourcecheck_check", ResourceCheck.class, String.class, ResourceCheck::check));
  }

  private void decisions() {
    declarations.add(member("allowed", "decision_allowed", DECISION, SimpleType.BOOL, 0));
    bindings.add(CelFunctionBinding.from("decision_allowed", Decision.class, Decision::allowed));
    declarations.add(member("reason", "decision_reason", DECISION, SimpleType.STRING, 0));
    bindings.add(CelFunctionBinding.from("decision_reason", Decision.class, Decision::reason));
    declarations.add(member("errored", "decision_errored", DECISION, SimpleType.BOOL, 0));
    bindings.add(CelFunctionBinding.from("decision_errored", Decision.class, _ -> false));
    declarations.add(member("error", "decision_error", DECISION, SimpleType.STRING, 0));
    bindings.add(CelFunctionBinding.from("decision_error", Decision.class, _ -> ""));
  }

  List<CelFunctionDecl> declarations() {
    return declarations;
  }

  List<CelFunctionBinding> bindings() {
    return bindings;
  }

  private interface Step<A> {
    Object apply(A target, String argument);
  }

  private <A> void add(String name, CelType target, CelType result, Class<A> type, Step<A> body) {
    String id = "authorization_" + name;
    declarations.add(member(name, id, target, result, 1));
    bindings.add(CelFunctionBinding.from(id, type, String.class, body::apply));
  }

  private static CelFunctionDecl member(
      String name, String id, CelType target, CelType result, int texts) {
    return CelFunctionDecl.newFunctionDeclaration(name, overload(id, target, result, texts));
  }

  private static CelOverloadDecl overload(String id, CelType target, CelType result, int texts) {
    ImmutableList.Builder<CelType> types = ImmutableList.<CelType>builder().add(target);
    for (int i = 0; i < texts; i++) {
      types.add(SimpleType.STRING);
    }
    return CelOverloadDecl.newMemberOverload(id, result, types.build());
  }
}
