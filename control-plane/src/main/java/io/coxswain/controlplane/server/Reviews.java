package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.authentication.v1.SelfSubjectReview;
import io.coxswain.api.authentication.v1.SelfSubjectReviewStatus;
import io.coxswain.api.authentication.v1.UserInfo;
import io.coxswain.api.authorization.v1.ResourceAttributes;
import io.coxswain.api.authorization.v1.SelfSubjectAccessReview;
import io.coxswain.api.authorization.v1.SelfSubjectAccessReviewSpec;
import io.coxswain.api.authorization.v1.SubjectAccessReviewStatus;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.authz.Decision;
import io.coxswain.schema.ResourceType;

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
              .setStatus(
                  SelfSubjectReviewStatus.newBuilder()
                      .setUserInfo(
                          UserInfo.newBuilder()
                              .setUsername(user.name())
                              .addAllGroups(user.groups())))
              .build();
      case SelfSubjectAccessReview review -> access(user, review);
      default ->
          throw new ApiException(
              new ApiError.NotImplemented(
                  type.kind() + " is not available in this version of Coxswain"));
    };
  }

  private SelfSubjectAccessReview access(User user, SelfSubjectAccessReview review) {
    Decision decision = pipeline.decide(attributes(user, review.getSpec()));
    SubjectAccessReviewStatus.Builder status =
        SubjectAccessReviewStatus.newBuilder().setAllowed(decision.allowed());
    if (!decision.reason().isEmpty()) {
      status.setReason(decision.reason());
    }
    return review.toBuilder().setStatus(status).build();
  }

  private static Attributes attributes(User user, SelfSubjectAccessReviewSpec spec) {
    if (spec.hasNonResourceAttributes() == spec.hasResourceAttributes()) {
      throw new ApiException(
          new ApiError.BadRequest(
              "spec: exactly one of resourceAttributes and nonResourceAttributes must be given"));
    }
    if (spec.hasNonResourceAttributes()) {
      return Attributes.ofPath(
          user,
          spec.getNonResourceAttributes().getVerb(),
          spec.getNonResourceAttributes().getPath());
    }
    ResourceAttributes wanted = spec.getResourceAttributes();
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
