package io.coxswain.controlplane.authn;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenSignaturesTest {

  private final TokenSignatures signatures = new TokenSignatures(SigningKeys.make());

  private static JWTClaimsSet claims(String subject) {
    return new JWTClaimsSet.Builder().subject(subject).build();
  }

  private Optional<String> subject(String token) {
    return signatures.claims(token).map(JWTClaimsSet::getSubject);
  }

  @Test
  void whatWasSignedIsKnownHoweverOftenItIsShown() {
    String robot = signatures.sign(claims("robot"));
    String pilot = signatures.sign(claims("pilot"));

    for (int i = 0; i < 3; i++) {
      assertThat(subject(robot)).contains("robot");
      assertThat(subject(pilot)).contains("pilot");
    }
  }

  @Test
  void aGoodTokenDoesNotMakeAnotherOneGood() {
    String token = signatures.sign(claims("robot"));
    assertThat(subject(token)).contains("robot");
    String signed = token.substring(0, token.lastIndexOf('.'));
    String pilot = signatures.sign(claims("pilot"));

    assertThat(subject(signed + ".")).isEmpty();
    assertThat(subject(signed + "." + "A".repeat(86))).isEmpty();
    assertThat(subject(signed + pilot.substring(pilot.lastIndexOf('.')))).isEmpty();
    assertThat(subject(new TokenSignatures(SigningKeys.make()).sign(claims("robot")))).isEmpty();
    assertThat(subject("nonsense")).isEmpty();
    assertThat(subject(token)).contains("robot");
  }

  @Test
  void aRefusedTokenIsRefusedAgain() {
    String strange = new TokenSignatures(SigningKeys.make()).sign(claims("robot"));

    assertThat(subject(strange)).isEmpty();
    assertThat(subject(strange)).isEmpty();
  }
}
