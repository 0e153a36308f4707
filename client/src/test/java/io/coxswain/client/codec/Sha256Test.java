package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Sha256Test {

  /// The first two are NIST's examples, the third has a character of two bytes.
  @ParameterizedTest
  @CsvSource({
    "'', e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "abc, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "é, 4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c",
  })
  void textAndBytesAndPartsHaveOneHash(String text, String hex) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] expected = HexFormat.of().parseHex(hex);
    assertThat(Sha256.hex(text)).isEqualTo(hex);
    assertThat(Sha256.hex(bytes)).isEqualTo(hex);
    assertThat(Sha256.of(text)).isEqualTo(expected);
    assertThat(Sha256.of(bytes)).isEqualTo(expected);
    var parts = Sha256.begin();
    for (byte one : bytes) {
      parts.update(one);
    }
    assertThat(parts.digest()).isEqualTo(expected);
  }
}
