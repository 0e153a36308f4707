package io.coxswain.node.podsource;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/// Tokens that say for whom they are and which one it is, as `shop/web:vault:2`.
public final class FakeTokens implements TokenSource {

  private final AtomicInteger issued = new AtomicInteger();
  private final Clock clock;
  private volatile boolean reachable = true;

  public FakeTokens(Clock clock) {
    this.clock = clock;
  }

  public void reachable(boolean now) {
    reachable = now;
  }

  public int issued() {
    return issued.get();
  }

  @Override
  public Issued issue(Pod pod, String audience, Duration life) {
    if (!reachable) {
      throw new ApiException(new ApiError.Unavailable("nobody there"));
    }
    if (pod.getSpec().getServiceAccountName().isEmpty()) {
      throw new ApiException(new ApiError.BadRequest("no token for nobody"));
    }
    Instant now = clock.instant();
    String owner = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    return new Issued(owner + ":" + audience + ":" + issued.incrementAndGet(), now, now.plus(life));
  }
}
