package io.coxswain.controlplane.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncryptionConfigurationTest {

  private static final String HEAD =
      """
      apiVersion: apiserver.config.k8s.io/v1
      kind: EncryptionConfiguration
      """;

  @TempDir private Path folder;

  private EncryptionConfiguration read(String text) throws IOException {
    return EncryptionConfiguration.read(Files.writeString(folder.resolve("e.yaml"), text));
  }

  @Test
  void namesWhatKubernetesNames() throws Exception {
    EncryptionConfiguration read =
        read(
            HEAD
                + """
                resources:
                - resources: [secrets, services, boats.example.com]
                  providers:
                  - aesgcm: {keys: [{name: a, secret: AAECAwQFBgcICQoLDA0ODw==}, {name: b, secret: AAECAwQFBgcICQoLDA0ODxAREhMUFRYX}]}
                  - identity: {}
                - resources: ["*.apps", "*.other.example.com", "*.*"]
                  providers: [{identity: {}}]
                """);
    assertThat(read.rings())
        .extracting(KeyRing::prefix)
        .startsWith(
            "/registry/secrets/", "/registry/services/specs/", "/registry/example.com/boats/")
        .contains("/registry/deployments/", "/registry/other.example.com/")
        .endsWith("/registry/");
    assertThat(read.rings().getFirst().ciphers()).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | resources: must be a list",
        "{resources: [{resources: [secrets]}]} | resources[0].providers: must be a list",
        "{resources: [{resources: [secrts], providers: [{identity: {}}]}]} | no resource is called \"secrts\"",
        "{resources: [{resources: [secrets], providers: [{kms: {}}]}]} | the provider kms is not known here",
        "{resources: [{resources: [secrets], providers: [{aesgcm: {keys: [{name: a, secret: AAEC}]}}]}]} | keys[0].secret: a key of AES has 16, 24 or 32 octets, not 3",
        "{resources: [{resources: [secrets], providers: [{aesgcm: {keys: [{name: a, secret: '!'}]}}]}]} | keys[0].secret: must be base64",
        "{resources: [{resources: [secrets], providers: [{aesgcm: {keys: [{name: 'a:b', secret: AAEC}]}}]}]} | keys[0].name: a name without colons",
      })
  void saysWhatIsWrong(String rest, String expected) {
    String body = rest.startsWith("{}") ? "" : rest.substring(1, rest.length() - 1);
    assertThatThrownBy(() -> read(HEAD + body))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("e.yaml")
        .hasMessageContaining(expected);
  }

  @Test
  void anotherFileIsRefused() {
    assertThatThrownBy(() -> read("kind: Config")).hasMessageContaining("it must say apiVersion");
    assertThatThrownBy(() -> EncryptionConfiguration.read(folder.resolve("none")))
        .hasMessageContaining("does not exist");
  }

  @Test
  void theServersOwnIsMadeOnceAndForItsUserAlone() throws Exception {
    Path file = folder.resolve("encryption.yaml");
    EncryptionConfiguration made = EncryptionConfiguration.openOrMake(file);
    String text = Files.readString(file);
    assertThat(made.rings())
        .singleElement()
        .extracting(KeyRing::prefix)
        .isEqualTo("/registry/secrets/");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    EncryptionConfiguration.openOrMake(file);
    assertThat(Files.readString(file)).isEqualTo(text);
  }
}
