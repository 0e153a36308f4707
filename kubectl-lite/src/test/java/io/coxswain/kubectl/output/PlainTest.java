package io.coxswain.kubectl.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PlainTest {

  @Test
  void controlCharactersAreShownAndNotObeyed() {
    assertThat(Plain.of("as it is\n\twith ünï")).isEqualTo("as it is\n\twith ünï");
    assertThat(Plain.of("a\u001b[2Jb\rc\u0000\u007f\u009b1m")).isEqualTo("a^[[2Jb^Mc^@^?^[[1m");
  }

  /// CVE-2021-25743: an object's texts reach a terminal of somebody else.
  @Test
  void whatIsPrintedOfObjectsHasNone() {
    assertThat(new Columns().add("NAME", "MESSAGE").add("a", "\u001b]0;evil\u0007").toString())
        .contains("^[]0;evil^G")
        .doesNotContain("\u001b", "\u0007");
    String described =
        Description.of(
            JsonMapper.shared()
                .readTree(
                    "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"annotations\":{\"k\":\"\\u001b[8m\"}},\"data\":{\"d\":\"\\u001b[2J\"}}"),
            Instant.EPOCH);
    assertThat(described).contains("^[[8m").doesNotContain("\u001b");
  }
}
