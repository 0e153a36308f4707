package io.coxswain.controlplane.controller.bootstrap;

import io.coxswain.api.core.v1.Secret;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.authn.BootstrapTokens;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.schema.ResourceType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Reads Secrets of type `bootstrap.kubernetes.io/token` in `kube-system`. Deletes those whose time
/// is over. Watches no others.
public final class TokenCleaner implements Controller {

  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final Informer<Secret> secrets;
  private final Resources<Secret> resources;
  private final Clock clock;
  private final Work work;

  public TokenCleaner(ControllerContext context) {
    this.secrets =
        context
            .informers()
            .informer(
                ResourceType.of(Secret.class),
                ListOptions.in(BootstrapTokens.NAMESPACE)
                    .withFields("type=" + BootstrapTokens.TYPE));
    this.resources = context.client().resources(Secret.class);
    this.clock = context.clock();
    this.work =
        new Work(
            "token-cleaner",
            1,
            context,
            this::reconcile,
            () -> secrets.list().stream().map(ObjectMetas::key).toList());
    secrets.addHandler(Handler.each(work::enqueue));
  }

  @Override
  public Work work() {
    return work;
  }

  private Result reconcile(ObjectKey key) {
    Optional<Secret> secret = secrets.find(key);
    if (secret.isEmpty()) {
      return Result.done();
    }
    Instant end = BootstrapTokens.end(secret.get());
    if (end.equals(Instant.MAX)) {
      return Result.done();
    }
    Instant now = clock.instant();
    if (now.isBefore(end)) {
      Duration left = Duration.between(now, end);
      return Result.after(left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT);
    }
    Meanwhile.gone(() -> {
      resources.delete(key.namespace(), key.name(), DeletePolicy.DEFAULT);
    });
    return Result.done();
  }
}
