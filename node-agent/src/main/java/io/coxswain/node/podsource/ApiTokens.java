package io.coxswain.node.podsource;

import io.coxswain.api.authentication.v1.BoundObjectReference;
import io.coxswain.api.authentication.v1.TokenRequest;
import io.coxswain.api.authentication.v1.TokenRequestSpec;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Times;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// Tokens that the API signs when this node asks for them, by its own certificate.
public final class ApiTokens implements TokenSource {

  private final Resources<ServiceAccount> accounts;
  private final Clock clock;

  public ApiTokens(ApiClient client, Clock clock) {
    this.accounts = client.resources(ServiceAccount.class);
    this.clock = clock;
  }

  @Override
  public Issued issue(Pod pod, String audience, Duration life) {
    TokenRequestSpec.Builder spec =
        TokenRequestSpec.newBuilder()
            .setExpirationSeconds(life.toSeconds())
            .setBoundObjectRef(
                BoundObjectReference.newBuilder()
                    .setApiVersion("v1")
                    .setKind("Pod")
                    .setName(pod.getMetadata().getName())
                    .setUID(pod.getMetadata().getUid()));
    if (!audience.isEmpty()) {
      spec.addAudiences(audience);
    }
    Instant begins = clock.instant();
    TokenRequest request = TokenRequest.newBuilder().setSpec(spec).build();
    if (!(accounts.createSubresource(
            pod.getMetadata().getNamespace(),
            pod.getSpec().getServiceAccountName(),
            "token",
            request)
        instanceof TokenRequest answer)) {
      throw new ApiException(new ApiError.Internal("a request for a token got another answer"));
    }
    return new Issued(
        answer.getStatus().getToken(),
        begins,
        Times.instant(answer.getStatus().getExpirationTimestamp()));
  }
}
