package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.AppArmorProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppArmorAnnotationTest {

  @ParameterizedTest
  @CsvSource({
    "runtime/default, RuntimeDefault",
    "unconfined, Unconfined",
    "localhost/team/a, Localhost team/a",
    "localhost/, 'Localhost '",
    "'', none",
    "runtime, none",
    "Unconfined, none",
  })
  void aValueIsAProfile(String value, String profile) {
    assertThat(AppArmorAnnotation.profile(value).map(AppArmorAnnotationTest::text).orElse("none"))
        .isEqualTo(profile);
  }

  private static String text(AppArmorProfile profile) {
    return profile.hasLocalhostProfile()
        ? profile.getType() + " " + profile.getLocalhostProfile()
        : profile.getType();
  }

  @Test
  void aKeyNamesItsContainer() {
    String key = "container.apparmor.security.beta.kubernetes.io/main";
    assertThat(AppArmorAnnotation.key("main")).isEqualTo(key);
    assertThat(AppArmorAnnotation.container(key)).contains("main");
    assertThat(AppArmorAnnotation.container("apparmor.security.beta.kubernetes.io/main")).isEmpty();
  }
}
