package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.authentication.v1.ExtraValue;
import io.coxswain.api.authentication.v1.SelfSubjectReview;
import io.coxswain.api.authentication.v1.SelfSubjectReviewStatus;
import io.coxswain.api.authentication.v1.TokenReview;
import io.coxswain.api.authentication.v1.TokenReviewSpec;
import io.coxswain.api.authentication.v1.TokenReviewStatus;
import io.coxswain.api.authentication.v1.UserInfo;
import io.coxswain.api.authorization.v1.LocalSubjectAccessReview;
import io.coxswain.api.authorization.v1.NonResourceAttributes;
import io.coxswain.api.authorization.v1.NonResourceRule;
import io.coxswain.api.authorization.v1.ResourceAttributes;
import io.coxswain.api.authorization.v1.ResourceRule;
import io.coxswain.api.authorization.v1.SelfSubjectAccessReview;
import io.coxswain.api.authorization.v1.SelfSubjectAccessReviewSpec;
import io.coxswain.api.authorization.v1.SelfSubjectRulesReview;
import io.coxswain.api.authorization.v1.SubjectAccessReview;
import io.coxswain.api.authorization.v1.SubjectAccessReviewSpec;
import io.coxswain.api.authorization.v1.SubjectAccessReviewStatus;
import io.coxswain.api.authorization.v1.SubjectRulesReviewStatus;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.authz.Decision;
import io.coxswain.schema.ResourceType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Questions that are answered at once and never stored: `kubectl auth can-i` and `whoami`.
final class Reviews {

  private final ApiPipeline pipeline;

  Reviews(ApiPipeline pipeline) {
    this.pipeline = pipeline;
  }

  /// @throws ApiException with NotImplemented for the questions that need what is not built yet
  Message answer(User user, ResourceType<?> type, Message question) {
    return switch (question) {
      case SelfSubjectReview review ->
          review.toBuilder()
              .setStatus(SelfSubjectReviewStatus.newBuilder().setUserInfo(shown(user)))
              .build();
      case TokenReview review -> review.toBuilder().setStatus(token(review.getSpec())).build();
      case SelfSubjectAccessReview review -> {
        SelfSubjectAccessReviewSpec spec = review.getSpec();
        yield review.toBuilder()
            .setStatus(
                status(
                    wanted(
                        user,
                        spec.hasResourceAttributes(),
                        spec.getResourceAttributes(),
                        spec.hasNonResourceAttributes(),
                        spec.getNonResourceAttributes())))
            .build();
      }
      case SubjectAccessReview review ->
          review.toBuilder().setStatus(status(wanted(review.getSpec()))).build();
      case LocalSubjectAccessReview review -> {
        if (!review
            .getSpec()
            .getResourceAttributes()
            .getNamespace()
            .equals(review.getMetadata().getNamespace())) {
          throw new ApiException(
              new ApiError.BadRequest(
                  "spec.resourceAttributes.namespace must match metadata.namespace: the question is"
                      + " about this namespace"));
        }
        yield review.toBuilder().setStatus(status(wanted(review.getSpec()))).build();
      }
      case SelfSubjectRulesReview review ->
          review.toBuilder().setStatus(rules(user, review.getSpec().getNamespace())).build();
      default ->
          throw new ApiException(
              new ApiError.NotImplemented(
                  type.kind() + " is not available in this version of Coxswain"));
    };
  }

  private static UserInfo shown(User user) {
    UserInfo.Builder shown =
        UserInfo.newBuilder()
            .setUsername(user.name())
            .setUid(user.uid())
            .addAllGroups(user.groups());
    user.extra()
        .forEach((key, values) ->
            shown.putExtra(key, ExtraValue.newBuilder().addAllItems(values).build()));
    return shown.build();
  }

  private TokenReviewStatus token(TokenReviewSpec spec) {
    List<String> audiences =
        spec.getAudiencesCount() == 0
            ? List.of(pipeline.tokens().issuer())
            : spec.getAudiencesList();
    return pipeline
        .tokens()
        .check(spec.getToken(), audiences)
        .map(checked ->
            TokenReviewStatus.newBuilder()
                .setAuthenticated(true)
                .setUser(shown(checked.user()))
                .addAllAudiences(checked.audiences())
                .build())
        .orElseGet(() ->
            TokenReviewStatus.newBuilder()
                .setError("the token is not one of this cluster, or no longer good")
                .build());
  }

  private SubjectAccessReviewStatus status(Attributes wanted) {
    Decision decision = pipeline.decide(wanted);
    SubjectAccessReviewStatus.Builder status =
        SubjectAccessReviewStatus.newBuilder().setAllowed(decision.allowed());
    if (!decision.reason().isEmpty()) {
      status.setReason(decision.reason());
    }
    return status.build();
  }

  private SubjectRulesReviewStatus rules(User user, String namespace) {
    if (namespace.isEmpty()) {
      throw new ApiException(new ApiError.BadRequest("no namespace on request"));
    }
    SubjectRulesReviewStatus.Builder status = SubjectRulesReviewStatus.newBuilder();
    for (PolicyRule rule : pipeline.rules(user, namespace)) {
      if (rule.getNonResourceURLsCount() > 0) {
        status.addNonResourceRules(
            NonResourceRule.newBuilder()
                .addAllVerbs(rule.getVerbsList())
                .addAllNonResourceURLs(rule.getNonResourceURLsList()));
      } else {
        status.addResourceRules(
            ResourceRule.newBuilder()
                .addAllVerbs(rule.getVerbsList())
                .addAllApiGroups(rule.getApiGroupsList())
                .addAllResources(rule.getResourcesList())
                .addAllResourceNames(rule.getResourceNamesList()));
      }
    }
    return status.build();
  }

  /// The user is whom the question names, with just the groups that it names.
  private static Attributes wanted(SubjectAccessReviewSpec spec) {
    if (spec.getUser().isEmpty() && spec.getGroupsCount() == 0) {
      throw new ApiException(
          new ApiError.BadRequest("spec.user: at least one of user or group must be specified"));
    }
    return wanted(
        new User(spec.getUser(), spec.getGroupsList(), spec.getUid(), extra(spec)),
        spec.hasResourceAttributes(),
        spec.getResourceAttributes(),
        spec.hasNonResourceAttributes(),
        spec.getNonResourceAttributes());
  }

  private static Map<String, List<String>> extra(SubjectAccessReviewSpec spec) {
    Map<String, List<String>> extra = new HashMap<>();
    spec.getExtraMap().forEach((key, value) -> extra.put(key, value.getItemsList()));
    return extra;
  }

  private static Attributes wanted(
      User user,
      boolean ofResource,
      ResourceAttributes wanted,
      boolean ofPath,
      NonResourceAttributes path) {
    if (ofPath == ofResource) {
      throw new ApiException(
          new ApiError.BadRequest(
              "spec: exactly one of resourceAttributes and nonResourceAttributes must be given"));
    }
    if (ofPath) {
      return Attributes.ofPath(user, path.getVerb(), path.getPath());
    }
    return new Attributes(
        user,
        wanted.getVerb(),
        wanted.getGroup(),
        wanted.getVersion(),
        wanted.getResource(),
        wanted.getSubresource(),
        wanted.getNamespace(),
        wanted.getName(),
        wanted.getFieldSelector().getRawSelector(),
        "");
  }
}
