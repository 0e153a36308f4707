package io.coxswain.controlplane.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatternsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a{1000}",
        "(?:a{2}){500}",
        "(a{2}b{400}){2}",
        "[({]{1000}[)}]{1000}",
        "[]{5}]{1000}",
        "[[:alpha:]{9}]{1000}",
        "\\(a{1000}\\){1000}",
        "\\Q(a{1000}){1000}\\E",
        "x{a}{b}",
        "^.{1,1000}$"
      })
  void thatManyRepeatsAreFine(String expression) {
    assertThat(Patterns.compile(expression).pattern()).isEqualTo(expression);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a{1000}){1000}",
        "(?:a{2}){501}",
        "((a{100}){100}){100}",
        "(a{2}|b{400}){3}",
        "(([a-z]{2,30}){1,40}){1,}x|(b{40}){40}"
      })
  void moreAreRefusedAsInGo(String expression) {
    assertThatThrownBy(() -> Patterns.compile(expression))
        .isInstanceOf(PatternSyntaxException.class)
        .hasMessageContaining("invalid repeat count");
  }

  /// On a stack so short that the library would not get to the end.
  @Test
  void depthIsNoMatterOfTheCallersStack() {
    CompletableFuture<Boolean> found = new CompletableFuture<>();
    Thread thread =
        new Thread(
            null,
            () ->
                found.completeAsync(
                    () -> {
                      Pattern deep = Patterns.compile("^(?:.{0,500}x?)*$");
                      return Patterns.find(deep, "y".repeat(2000))
                          && !Patterns.find(Patterns.compile("(a?){900}b"), "a".repeat(500));
                    },
                    Runnable::run),
            "short",
            256 << 10);
    thread.start();
    assertThat(found.join()).isTrue();
  }

  @Test
  void groupsInGroupsHaveAnEnd() {
    String deep = "(".repeat(200_000) + ")".repeat(200_000);
    assertThatThrownBy(() -> Patterns.compile(deep))
        .isInstanceOf(PatternSyntaxException.class)
        .hasMessageContaining("expression nests too deeply");
    String fine = "(".repeat(900) + ")".repeat(900);
    assertThat(Patterns.find(Patterns.compile(fine), "")).isTrue();
  }
}
