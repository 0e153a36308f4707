package io.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlagsTest {

  private final Flags flags =
      new Flags()
          .value("port", "P", "6443", "where it listens")
          .value("server", "HOST:PORT", "", "whom it asks")
          .toggle("with-scheduler", "in the same process");

  @Test
  void takesValuesBesideAndAfterAnEqualsSign() {
    flags.parse(List.of("--port=7000", "--server", "a:1", "--with-scheduler"));

    assertThat(flags.number("port", 1, 65535)).isEqualTo(7000);
    assertThat(flags.required("server")).isEqualTo("a:1");
    assertThat(flags.isSet("with-scheduler")).isTrue();
  }

  @Test
  void whatIsNotGivenHasItsFallback() {
    flags.parse(List.of());

    assertThat(flags.text("port")).isEqualTo("6443");
    assertThat(flags.find("server")).isEmpty();
    assertThatThrownBy(() -> flags.required("server"))
        .isInstanceOf(Flags.UsageException.class)
        .hasMessageContaining("--server is required")
        .hasMessageContaining("whom it asks");
  }

  @ParameterizedTest
  @CsvSource({
    "--prot=1, unknown argument: --prot=1",
    "port, unknown argument: port",
    "--server, --server needs a value: whom it asks"
  })
  void whatIsNotUnderstoodIsNamed(String argument, String message) {
    assertThatThrownBy(() -> flags.parse(List.of(argument)))
        .isInstanceOf(Flags.UsageException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "many", "-1", ""})
  void numbersKeepTheirBounds(String number) {
    flags.parse(List.of("--port=" + number));

    assertThatThrownBy(() -> flags.number("port", 1, 65535))
        .isInstanceOf(Flags.UsageException.class)
        .hasMessage("--port takes a whole number from 1 to 65535, not: " + number);
  }

  @ParameterizedTest
  @CsvSource({
    "a.example:6444, a.example, 6444",
    "[fd00::1]:1, fd00::1, 1",
    "10.0.0.1:65535, 10.0.0.1, 65535"
  })
  void addressesHaveAPort(String text, String host, int port) {
    assertThat(HostAndPort.parse(text)).isEqualTo(new HostAndPort(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host",
        "host:",
        "host:0",
        "host:65536",
        ":6443",
        "host:https",
        "https://host:6443"
      })
  void whatIsNoAddressIsShown(String text) {
    assertThatThrownBy(() -> HostAndPort.parse(text))
        .isInstanceOf(Flags.UsageException.class)
        .hasMessage("expected HOST:PORT, not: " + text);
  }
}
