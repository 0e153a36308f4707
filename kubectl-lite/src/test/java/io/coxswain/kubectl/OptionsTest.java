package io.coxswain.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptionsTest {

  private static Options options() {
    return new Options()
        .value("namespace", 'n', "", "where")
        .value("output", 'o', "", "form")
        .value("tail", ' ', "-1", "lines")
        .toggle("stdin", 'i', "input")
        .toggle("tty", 't', "terminal")
        .repeated("filename", 'f', "files");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--namespace web", "--namespace=web", "-n web", "-nweb", "-n=web", "pods -n web"})
  void aValueIsReadInEveryForm(String line) {
    assertThat(options().parse(List.of(line.split(" ", -1))).text("namespace")).isEqualTo("web");
  }

  @Test
  void switchesBundleAndWordsStandAnywhere() {
    Options parsed =
        options()
            .parse(
                List.of(
                    "web-1", "-it", "-f", "a", "-f", "b", "--tail", "5", "--", "sh", "-c", "-n x"));
    assertThat(parsed.isSet("stdin")).isTrue();
    assertThat(parsed.isSet("tty")).isTrue();
    assertThat(parsed.all("filename")).containsExactly("a", "b");
    assertThat(parsed.number("tail")).isEqualTo(5);
    assertThat(parsed.words()).containsExactly("web-1");
    assertThat(parsed.afterDashes()).containsExactly("sh", "-c", "-n x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--namspace=x", "-z", "-n", "--output", "--stdin=perhaps"})
  void whatIsNotUnderstoodIsTold(String argument) {
    assertThatThrownBy(() -> options().parse(List.of(argument)))
        .isInstanceOf(Failure.class)
        .hasMessageStartingWith("error: ");
  }

  @Test
  void aMistypedFlagIsToldWithTheOneThatWasMeant() {
    assertThatThrownBy(() -> options().parse(List.of("--namspace=x")))
        .hasMessageContaining("unknown flag: --namspace")
        .hasMessageContaining("Did you mean --namespace?");
    assertThatThrownBy(() -> options().parse(List.of("--zebra")))
        .hasMessageContaining("unknown flag: --zebra")
        .hasMessageNotContaining("Did you mean");
  }
}
