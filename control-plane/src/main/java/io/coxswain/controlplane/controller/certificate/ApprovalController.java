package io.coxswain.controlplane.controller.certificate;

import io.coxswain.api.authorization.v1.ExtraValue;
import io.coxswain.api.authorization.v1.ResourceAttributes;
import io.coxswain.api.authorization.v1.SubjectAccessReview;
import io.coxswain.api.authorization.v1.SubjectAccessReviewSpec;
import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.certificates.v1.CertificateSigningRequestSpec;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.Work;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Approves the requests of nodes for their client certificate, when who made them is allowed to.
/// Reads CertificateSigningRequests; writes their condition `Approved`.
public final class ApprovalController implements Controller {

  /// A permission may be given after the request was made.
  private static final Duration ASK_AGAIN = Duration.ofSeconds(30);

  private final Informer<CertificateSigningRequest> requests;
  private final Resources<CertificateSigningRequest> resources;
  private final Resources<SubjectAccessReview> reviews;
  private final Clock clock;
  private final Work work;

  public ApprovalController(ControllerContext context) {
    this.requests = context.informers().informer(CertificateSigningRequest.class);
    this.resources = context.client().resources(CertificateSigningRequest.class);
    this.reviews = context.client().resources(SubjectAccessReview.class);
    this.clock = context.clock();
    this.work =
        new Work(
            "certificate-approval",
            1,
            context,
            this::reconcile,
            () -> requests.list().stream().map(ObjectMetas::key).toList());
    requests.addHandler(Handler.each(work::enqueue));
  }

  @Override
  public Work work() {
    return work;
  }

  private Result reconcile(ObjectKey key) {
    Optional<CertificateSigningRequest> request = requests.find(key);
    List<Recognition> known = request.map(Recognition::of).orElse(List.of());
    if (known.isEmpty()) {
      return Result.done();
    }
    for (Recognition recognition : known) {
      if (mayCreate(request.get().getSpec(), recognition.subresource())) {
        approve(request.get(), recognition.message());
        return Result.done();
      }
    }
    return Result.after(ASK_AGAIN);
  }

  private boolean mayCreate(CertificateSigningRequestSpec author, String subresource) {
    SubjectAccessReviewSpec.Builder asked =
        SubjectAccessReviewSpec.newBuilder()
            .setUser(author.getUsername())
            .setUid(author.getUid())
            .addAllGroups(author.getGroupsList())
            .setResourceAttributes(
                ResourceAttributes.newBuilder()
                    .setGroup("certificates.k8s.io")
                    .setVersion("*")
                    .setResource("certificatesigningrequests")
                    .setSubresource(subresource)
                    .setVerb("create"));
    author
        .getExtraMap()
        .forEach((key, values) ->
            asked.putExtra(
                key, ExtraValue.newBuilder().addAllItems(values.getItemsList()).build()));
    return reviews
        .create(SubjectAccessReview.newBuilder().setSpec(asked).build())
        .getStatus()
        .getAllowed();
  }

  private void approve(CertificateSigningRequest request, String message) {
    CertificateSigningRequest approved =
        Requests.with(request, Requests.APPROVED, "AutoApproved", message, clock.instant());
    // of one that was changed, the change comes here, too
    Meanwhile.goneOrChanged(() -> {
      var _ =
          resources.createSubresource("", request.getMetadata().getName(), "approval", approved);
    });
  }
}
