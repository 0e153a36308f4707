package io.coxswain.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @TempDir Path directory;

  private static Clock at(Instant instant) {
    return Clock.fixed(instant, ZoneOffset.UTC);
  }

  private Pki open(Instant instant) throws Exception {
    return Pki.open(directory.resolve("pki"), at(instant));
  }

  @Test
  void makesTheAuthorityOnceAndKeepsItPrivate() throws Exception {
    X509Certificate first = open(NOW).authority();

    assertThat(open(NOW).authority()).isEqualTo(first);
    try (Stream<Path> files = Files.list(directory.resolve("pki"))) {
      assertThat(files.filter(file -> !file.endsWith(".lock")))
          .isNotEmpty()
          .allSatisfy(file ->
              assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                  .isEqualTo("rw-------"));
    }
  }

  @Test
  void aPersonsKeyNamesItsCurveAndPublicKey() throws Exception {
    Credentials admin = open(NOW).client("admin", "kubernetes-admin", "system:masters");

    assertThat(admin.keyPem()).startsWith("-----BEGIN EC PRIVATE KEY-----\n");
    try (PEMParser parser = new PEMParser(new StringReader(admin.keyPem()))) {
      KeyPair read = new JcaPEMKeyConverter().getKeyPair((PEMKeyPair) parser.readObject());
      assertThat(((ECPrivateKey) read.getPrivate()).getS())
          .isEqualTo(((ECPrivateKey) admin.key()).getS());
      assertThat(read.getPublic()).isEqualTo(admin.certificate().getPublicKey());
    }
  }

  @Test
  void servingCertificateCarriesEveryName() throws Exception {
    Credentials serving =
        open(NOW).serving("apiserver", "kube-apiserver", List.of("localhost", "::1", "10.96.0.1"));

    assertThat(
            serving.certificate().getSubjectAlternativeNames().stream()
                .map(n -> String.valueOf(n.get(1))))
        .containsExactlyInAnyOrder("localhost", "0:0:0:0:0:0:0:1", "10.96.0.1");
    serving.certificate().verify(serving.authority().getPublicKey());
  }

  @Test
  void keepsACertificateUntilItIsOldOrItsNamesChange() throws Exception {
    Credentials first = open(NOW).serving("apiserver", "s", List.of("a", "b"));

    assertThat(open(NOW).serving("apiserver", "s", List.of("a")).certificate())
        .isEqualTo(first.certificate());
    assertThat(open(NOW).serving("apiserver", "s", List.of("c")).certificate())
        .isNotEqualTo(first.certificate());
    Credentials second = open(NOW).serving("apiserver", "s", List.of("c"));
    assertThat(open(NOW.plus(Duration.ofDays(250))).serving("apiserver", "s", List.of("c")))
        .extracting(Credentials::certificate)
        .isNotEqualTo(second.certificate());
  }

  @Test
  void aCertificateThatAClockAheadMadeIsMadeAnewUnderTheSameAuthority() throws Exception {
    Instant ahead = NOW.plus(Duration.ofHours(14));
    Credentials early = open(ahead).serving("apiserver", "s", List.of("a"));
    Credentials earlyAdmin = open(ahead).client("admin", "kubernetes-admin", "system:masters");

    Credentials serving = open(NOW).serving("apiserver", "s", List.of("a"));
    Credentials admin = open(NOW).client("admin", "kubernetes-admin", "system:masters");

    assertThat(serving.certificate()).isNotEqualTo(early.certificate());
    assertThat(admin.certificate()).isNotEqualTo(earlyAdmin.certificate());
    assertThat(serving.authority()).as("others know it by now").isEqualTo(early.authority());
    for (X509Certificate one :
        List.of(serving.certificate(), admin.certificate(), serving.authority())) {
      one.checkValidity(Date.from(NOW));
    }
    assertThat(open(NOW).serving("apiserver", "s", List.of("a")).certificate())
        .as("and kept from then on")
        .isEqualTo(serving.certificate());
  }

  @Test
  void whoDialsItselfGetsANewCertificateWhereItsOldOneWasForServingOnly() throws Exception {
    Credentials old = open(NOW).serving("etcd", "etcd", List.of("localhost"));

    Credentials member = open(NOW).member("etcd", "etcd", List.of("localhost"));
    assertThat(member.certificate()).isNotEqualTo(old.certificate());
    assertThat(member.certificate().getExtendedKeyUsage())
        .containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    assertThat(open(NOW).member("etcd", "etcd", List.of("localhost")).certificate())
        .isEqualTo(member.certificate());
  }

  @Test
  void signsOnlyWhatTheAskerCanProve() throws Exception {
    KeyPair own = Issuer.newKey();
    KeyPair stolen = Issuer.newKey();
    String honest = request(own, own);
    String forged = request(stolen, own);
    Pki pki = open(NOW);

    X509Certificate signed = pki.sign(honest, "system:node:a", "system:nodes");
    assertThat(signed.getPublicKey()).isEqualTo(own.getPublic());
    assertThat(signed.getSubjectX500Principal())
        .isEqualTo(new X500Principal("CN=system:node:a,O=system:nodes"));
    assertThatThrownBy(() -> pki.sign(forged, "n", "g"))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> pki.sign("nonsense", "n", "g"))
        .isInstanceOf(GeneralSecurityException.class);
  }

  private static String request(KeyPair claimed, KeyPair signer) throws Exception {
    return Pem.block(
        "CERTIFICATE REQUEST",
        new JcaPKCS10CertificationRequestBuilder(
                new X500Principal("CN=anything"), claimed.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))
            .getEncoded());
  }

  @Test
  void joinTokensEndAndCannotBeForged() throws Exception {
    JoinTokens tokens = open(NOW).joinTokens();
    String token = tokens.mint(Duration.ofHours(1));

    assertThat(token).contains(JoinTokens.fingerprint(open(NOW).authority()));
    assertThat(tokens.accepts(token)).isTrue();
    assertThat(open(NOW.plus(Duration.ofHours(2))).joinTokens().accepts(token)).isFalse();
    long end = NOW.plus(Duration.ofHours(1)).getEpochSecond();
    String stretched = token.replace("." + end + ".", "." + (end + 9999) + ".");
    assertThat(stretched).isNotEqualTo(token);
    assertThat(tokens.accepts(stretched)).isFalse();
    assertThat(tokens.accepts("")).isFalse();
  }

  @Test
  void renewsTheTokenFileHalfWay() throws Exception {
    JoinTokens tokens = open(NOW).joinTokens();
    tokens.renewFile();
    String first = Files.readString(tokens.tokenFile());
    open(NOW.plus(Duration.ofHours(1))).joinTokens().renewFile();
    assertThat(tokens.tokenFile()).hasContent(first.strip());
    open(NOW.plus(Duration.ofHours(13))).joinTokens().renewFile();
    assertThat(Files.readString(tokens.tokenFile())).isNotEqualTo(first);
  }
}
