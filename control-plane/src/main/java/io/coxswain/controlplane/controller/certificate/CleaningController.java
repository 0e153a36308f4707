package io.coxswain.controlplane.controller.certificate;

import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.client.DeletePolicy;
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
import java.time.Instant;
import java.util.Optional;

/// Removes old CertificateSigningRequests, as [Retention] says. Reads and deletes them.
public final class CleaningController implements Controller {

  /// Clocks jump: nothing waits longer for its next look.
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final Informer<CertificateSigningRequest> requests;
  private final Resources<CertificateSigningRequest> resources;
  private final Clock clock;
  private final Work work;

  public CleaningController(ControllerContext context) {
    this.requests = context.informers().informer(CertificateSigningRequest.class);
    this.resources = context.client().resources(CertificateSigningRequest.class);
    this.clock = context.clock();
    this.work =
        new Work(
            "certificate-cleaning",
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
    Optional<Instant> end = request.flatMap(Retention::end);
    if (end.isEmpty()) {
      return Result.done();
    }
    Instant now = clock.instant();
    if (now.isBefore(end.get())) {
      Duration left = Duration.between(now, end.get());
      return Result.after(left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT);
    }
    Meanwhile.goneOrChanged(() -> {
      resources.delete(
          "", key.name(), DeletePolicy.DEFAULT.onlyUid(request.get().getMetadata().getUid()));
    });
    return Result.done();
  }
}
