package io.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerTest {

  private static final List<String> CERTIFICATES =
      List.of("--etcd-ca", "ca.crt", "--etcd-cert", "client.crt", "--etcd-key", "client.key");

  private static Flags flags(String etcd, boolean tls) {
    List<String> arguments = new ArrayList<>(List.of("--etcd", etcd));
    if (tls) {
      arguments.addAll(CERTIFICATES);
    }
    Flags flags = Server.flags(Server.Shape.SERVER);
    flags.parse(arguments);
    return flags;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.0.0.1:2379 | false | 10.0.0.1:2379",
        "10.0.0.1:2379 | true | 10.0.0.1:2379",
        "http://10.0.0.1:2379 | false | 10.0.0.1:2379",
        "https://a.example:2379/ | true | a.example:2379",
        "http://a:1,b:2,http://[::1]:3 | false | a:1,b:2,[::1]:3",
      })
  void anEtcdIsNamedAsItsOwnProgramsNameIt(String text, boolean tls, String members) {
    var options = Server.external(flags(text, tls));
    assertThat(String.join(",", options.endpoints())).isEqualTo(members);
    assertThat(options.tls().isPresent()).isEqualTo(tls);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://10.0.0.1:2379 | false | TLS needs --etcd-ca, --etcd-cert and --etcd-key",
        "http://10.0.0.1:2379 | true | with --etcd-ca it is asked by TLS",
        "10.0.0.1 | false | --etcd: expected HOST:PORT, not: 10.0.0.1",
        "10.0.0.1:2379,, | false | --etcd: expected HOST:PORT, not: ",
        "ftp://10.0.0.1:2379 | false | --etcd: expected HOST:PORT, not: ftp://10.0.0.1:2379",
        "10.0.0.1:2379/v3 | false | --etcd: expected HOST:PORT, not: 10.0.0.1:2379/v3",
      })
  void whatIsNoEtcdIsToldAtOnce(String text, boolean tls, String told) {
    assertThatThrownBy(() -> Server.external(flags(text, tls)))
        .isInstanceOf(Flags.UsageException.class)
        .hasMessageContaining(told);
  }
}
