package io.coxswain.controlplane.controller.certificate;

import com.google.protobuf.ByteString;
import io.coxswain.api.certificates.v1.CertificateSigningRequest;
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
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Optional;

/// Signs approved requests of the cluster's own signers. Reads CertificateSigningRequests; writes
/// their `status.certificate`, and the condition `Failed` of those that no signer may sign.
public final class SigningController implements Controller {

  private final Informer<CertificateSigningRequest> requests;
  private final Resources<CertificateSigningRequest> resources;
  private final Signer signer;
  private final Clock clock;
  private final Work work;

  public SigningController(ControllerContext context, Signer signer) {
    this.requests = context.informers().informer(CertificateSigningRequest.class);
    this.resources = context.client().resources(CertificateSigningRequest.class);
    this.signer = signer;
    this.clock = context.clock();
    this.work =
        new Work(
            "certificate-signing",
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

  private Result reconcile(ObjectKey key) throws GeneralSecurityException {
    Optional<CertificateSigningRequest> found = requests.find(key);
    if (found.isEmpty()) {
      return Result.done();
    }
    CertificateSigningRequest request = found.get();
    switch (SigningPlan.of(request)) {
      case SigningPlan.Nothing _ -> {
        // until it changes
      }
      case SigningPlan.Fail(String why) ->
          write(
              Requests.with(
                  request, Requests.FAILED, "SignerValidationFailure", why, clock.instant()));
      case SigningPlan.Sign sign -> {
        String pem = signer.sign(sign.request(), sign.usages(), sign.validity());
        CertificateSigningRequest.Builder signed = request.toBuilder();
        signed.getStatusBuilder().setCertificate(ByteString.copyFromUtf8(pem));
        write(signed.build());
      }
    }
    return Result.done();
  }

  private void write(CertificateSigningRequest request) {
    // of one that was changed, the change comes here, too
    Meanwhile.goneOrChanged(() -> {
      CertificateSigningRequest _ = resources.updateStatus(request);
    });
  }
}
