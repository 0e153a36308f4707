package io.coxswain.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestedCertificateTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @TempDir Path directory;
  private Pki pki;

  @BeforeEach
  void open() throws Exception {
    pki = Pki.open(directory.resolve("pki"), Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static SigningRequest read(Asked asked) throws Exception {
    return SigningRequest.parse(asked.bytes());
  }

  @Test
  void carriesWhatWasAskedAndNothingMore() throws Exception {
    Asked asked =
        Asked.elliptic(
            "O=system:nodes,CN=system:node:a",
            new GeneralName(GeneralName.dNSName, "a.example.com"),
            new GeneralName(GeneralName.iPAddress, "10.0.0.7"),
            new GeneralName(GeneralName.directoryName, new X500Name("CN=somebody else")));

    X509Certificate signed =
        pki.sign(
            read(asked),
            List.of("digital signature", "key encipherment", "server auth"),
            Duration.ofHours(1));

    signed.verify(pki.authority().getPublicKey());
    assertThat(signed.getPublicKey()).isEqualTo(asked.key().getPublic());
    assertThat(SubjectName.of(signed))
        .isEqualTo(new SubjectName("system:node:a", List.of("system:nodes")));
    assertThat(signed.getSubjectAlternativeNames())
        .extracting(name -> String.valueOf(name.get(1)))
        .containsExactly("a.example.com", "10.0.0.7");
    assertThat(signed.getBasicConstraints()).isEqualTo(-1);
    assertThat(signed.getKeyUsage()).startsWith(true, false, true, false);
    assertThat(signed.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
  }

  /// Short ones live as long as was asked; of long ones the five minutes that they begin early
  /// count.
  @ParameterizedTest
  @CsvSource({"PT10M, PT10M", "PT7H, PT7H", "PT8H, PT7H55M", "P365D, P364DT23H55M"})
  void endsInTime(Duration asked, Duration left) throws Exception {
    X509Certificate signed =
        pki.sign(read(Asked.elliptic("CN=jane")), List.of("client auth"), asked);

    assertThat(signed.getNotBefore().toInstant()).isEqualTo(NOW.minus(Duration.ofMinutes(5)));
    assertThat(signed.getNotAfter().toInstant()).isEqualTo(NOW.plus(left));
  }

  @Test
  void endsWithItsAuthority() throws Exception {
    X509Certificate signed =
        pki.sign(
            read(Asked.elliptic("CN=jane")), List.of("client auth"), Duration.ofDays(365 * 100));

    assertThat(signed.getNotAfter()).isEqualTo(pki.authority().getNotAfter());
    Pki later =
        Pki.open(
            directory.resolve("pki"),
            Clock.fixed(pki.authority().getNotAfter().toInstant(), ZoneOffset.UTC));
    assertThatThrownBy(() ->
            later.sign(
                read(Asked.elliptic("CN=jane")), List.of("client auth"), Duration.ofHours(1)))
        .hasMessageContaining("the signer has expired");
  }

  /// Whoever signs in by a certificate must be whom an approver saw.
  @Test
  void namesAreReadInOneWay() throws Exception {
    SigningRequest odd = read(Asked.elliptic("CN=admin,O=a+O=system:masters,CN=system:node:x"));

    assertThat(odd.name())
        .isEqualTo(new SubjectName("system:node:x", List.of("a", "system:masters")));
    assertThat(SubjectName.of(pki.sign(odd, List.of("client auth"), Duration.ofHours(1))))
        .isEqualTo(odd.name());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\nMAUwAAIBAQ==\n-----END CERTIFICATE REQUEST-----\n"
      })
  void whatIsNoRequestIsRefused(String pem) {
    assertThatThrownBy(() -> SigningRequest.parse(pem.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void certificatesStandAloneInTheirText() throws Exception {
    String pem = Pem.encode(pki.authority());

    assertThat(Pem.certificates((pem + pem).getBytes(StandardCharsets.US_ASCII))).hasSize(2);
    for (String other :
        List.of("", "nonsense", Asked.elliptic("CN=x").pem(), pem + Asked.elliptic("CN=x").pem())) {
      assertThatThrownBy(() -> Pem.certificates(other.getBytes(StandardCharsets.US_ASCII)))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }
}
