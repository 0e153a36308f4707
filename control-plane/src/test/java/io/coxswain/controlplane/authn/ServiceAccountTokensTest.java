package io.coxswain.controlplane.authn;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.api.authentication.v1.TokenRequest;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.meta.v1.ObjectMeta;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceAccountTokensTest {

  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00.900Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
  private final ServiceAccountTokens tokens =
      new ServiceAccountTokens(SigningKeys.make(), "https://issuer", new OneAccount(), now::get);

  private static final class OneAccount implements TokenSubjects {
    @Override
    public Optional<ServiceAccount> account(String namespace, String name) {
      return Optional.of(
          ServiceAccount.newBuilder()
              .setMetadata(
                  ObjectMeta.newBuilder().setNamespace(namespace).setName(name).setUid("u1"))
              .build());
    }

    @Override
    public Optional<? extends Message> bound(String kind, String namespace, String name) {
      return Optional.empty();
    }
  }

  /// From when the token was made, by a clock that may be set, or of another server.
  @ParameterizedTest
  @CsvSource({
    "PT0S, true",
    "PT59M59S, true",
    "PT1H, false",
    "-PT30S, true",
    "-PT60S, true",
    "-PT62S, false",
    "-PT1H, false"
  })
  void aTokenIsGoodForItsTimeAndAMinuteBefore(Duration later, boolean good) {
    String token =
        tokens.issue("shop", "web", TokenRequest.getDefaultInstance()).getStatus().getToken();
    now.set(NOON.plus(later));
    assertThat(tokens.authenticate(token).isPresent()).isEqualTo(good);
  }

  @Test
  void itsEndIsTold() {
    assertThat(
            tokens
                .issue("shop", "web", TokenRequest.getDefaultInstance())
                .getStatus()
                .getExpirationTimestamp()
                .getSeconds())
        .isEqualTo(NOON.getEpochSecond() + 3600);
  }
}
