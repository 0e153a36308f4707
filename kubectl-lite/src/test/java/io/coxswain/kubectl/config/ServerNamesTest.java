package io.coxswain.kubectl.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerNamesTest {

  private static final int DNS = 2;
  private static final int EMAIL = 1;

  @ParameterizedTest
  @CsvSource({
    // certificate's kind of name, name, host asked for, covered
    "2, api.example.com, api.example.com, true",
    "2, API.Example.com, api.example.COM, true",
    "2, api.example.com, api.example.com., true",
    "2, api.example.com, other.example.com, false",
    "2, api.example.com, api.example.com.evil.org, false",
    "2, *.example.com, api.example.com, true",
    "2, *.example.com, example.com, false",
    "2, *.example.com, a.b.example.com, false",
    "2, *.com, example.com, false",
    "2, a*.example.com, api.example.com, false",
    "2, *, localhost, false",
    "2, localhost, localhost, true",
    "7, 10.0.0.1, 10.0.0.1, true",
    "7, 10.0.0.1, 10.0.0.2, false",
    // an address is no name, and a name no address
    "2, 10.0.0.1, 10.0.0.1, false",
    "7, 10.0.0.1, api.example.com, false",
    "7, 0:0:0:0:0:0:0:1, ::1, true",
    "7, 0:0:0:0:0:0:0:1, [::1], true",
    "7, 0:0:0:0:0:0:0:1, ::2, false",
  })
  void aCertificateIsForItsAlternativeNamesOnly(
      int type, String name, String host, boolean covered) {
    List<List<?>> names = List.of(List.of(DNS, "unrelated.test"), List.of(type, name));
    String mismatch = ServerNames.mismatch(names, host);
    if (covered) {
      assertThat(mismatch).isEmpty();
    } else {
      assertThat(mismatch).contains("is for unrelated.test, " + name + ", not for ");
    }
  }

  @Test
  void namesOfOtherKindsDoNotCount() {
    assertThat(ServerNames.mismatch(List.of(List.of(EMAIL, "api.example.com")), "api.example.com"))
        .contains("has no names");
  }
}
