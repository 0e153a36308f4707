package io.coxswain.node.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {

  private static final String HEX =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  @ParameterizedTest
  @CsvSource({
    "nginx, docker.io/library/nginx:latest",
    "nginx:1.27, docker.io/library/nginx:1.27",
    "team/app, docker.io/team/app:latest",
    "docker.io/nginx, docker.io/library/nginx:latest",
    "index.docker.io/a/b, docker.io/a/b:latest",
    "localhost/app, localhost/app:latest",
    "localhost:5000/app:v1, localhost:5000/app:v1",
    "registry.k8s.io/pause:3.9, registry.k8s.io/pause:3.9",
    "10.0.0.1:5000/a/b/c__d:x, 10.0.0.1:5000/a/b/c__d:x",
    "[::1]:5000/a:x, [::1]:5000/a:x",
    "Registry/app, Registry/app:latest",
    "a/b@sha256:" + HEX + ", docker.io/a/b@sha256:" + HEX,
    "a/b:t@sha256:" + HEX + ", docker.io/a/b:t@sha256:" + HEX,
    "host:///, host:///",
    "host:////, host:///",
    "host:///srv/app/, host:///srv/app",
  })
  void namesAreReadAsDockerReadsThem(String text, String full) throws ImageException {
    assertThat(ImageName.parse(text)).hasToString(full);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "UPPER",
        "a/UPPER",
        "a//b",
        "/a",
        "a/",
        "a:",
        "a:-x",
        "a@sha256:12",
        "a@md5:0123",
        "http://x/y",
        "a b",
        "-x",
        "a..b",
        "x.y:port/z",
        "host://srv",
        "host:///srv/../etc",
        "a\n",
      })
  void otherNamesAreRefused(String text) {
    assertThatThrownBy(() -> ImageName.parse(text))
        .isInstanceOfSatisfying(
            ImageException.class,
            e -> assertThat(e.reason()).isEqualTo(ImageException.Reason.INVALID_NAME));
  }
}
