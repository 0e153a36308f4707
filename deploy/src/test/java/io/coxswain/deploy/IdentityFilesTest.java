package io.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Pki;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFilesTest {

  @TempDir Path folder;
  private Credentials first;
  private Credentials second;
  private IdentityFiles files;
  private Path identity;

  @BeforeEach
  void make() throws IOException {
    Pki pki = Pki.open(folder.resolve("pki"), Clock.systemUTC());
    first = pki.client("first", "system:node:n", "system:nodes");
    second = pki.client("second", "system:node:n", "system:nodes");
    identity = folder.resolve("identity");
    files = new IdentityFiles(identity);
    files.writeAuthority(first.authorityPem());
  }

  private static String key(Credentials of) throws IOException {
    return Files.readString(of.keyFile());
  }

  private void put(String name, String text) throws IOException {
    Files.writeString(identity.resolve(name), text);
  }

  @Test
  void aPairIsGoodUntilItEnds() throws IOException {
    assertThat(files.areGood(Instant.now())).as("none yet").isFalse();
    files.replace(key(first), first.certificatePem());
    assertThat(files.areGood(Instant.now())).isTrue();
    assertThat(files.areGood(Instant.now().plus(Duration.ofDays(400)))).isFalse();
    assertThat(files.expiry()).isEqualTo(first.certificate().getNotAfter().toInstant());
  }

  @Test
  void aStopBeforeTheCertificateChangedKeepsTheOldPair() throws IOException {
    files.replace(key(first), first.certificatePem());
    put("node.key.next", key(second));

    assertThat(files.areGood(Instant.now())).isTrue();
    assertThat(Files.readString(files.identity().key())).isEqualTo(key(first));
    assertThat(identity.resolve("node.key.next")).doesNotExist();
  }

  @Test
  void aStopAfterTheCertificateChangedTakesTheNewKey() throws IOException {
    files.replace(key(first), first.certificatePem());
    put("node.key.next", key(second));
    put("node.crt", second.certificatePem());

    assertThat(files.areGood(Instant.now())).isTrue();
    assertThat(Files.readString(files.identity().key())).isEqualTo(key(second));
  }

  @Test
  void aKeyOfAnotherCertificateIsNoIdentity() throws IOException {
    files.replace(key(second), first.certificatePem());

    assertThat(files.areGood(Instant.now())).isFalse();
  }

  @Test
  void whatIsNoCertificateSaysWhatToDo() throws IOException {
    files.replace(key(first), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

    assertThatThrownBy(() -> files.areGood(Instant.now()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("remove " + identity + " to join again");
  }
}
