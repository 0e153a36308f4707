package io.coxswain.node.podworker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Sysctl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowedSysctlsTest {

  private static Pod pod(PodSpec.Builder spec, String... names) {
    for (String name : names) {
      spec.getSecurityContextBuilder().addSysctls(Sysctl.newBuilder().setName(name).setValue("1"));
    }
    return Pod.newBuilder().setSpec(spec).build();
  }

  private static String refusal(AllowedSysctls allowed, Pod pod) {
    return allowed.refusal(pod).map(why -> why.reason() + ": " + why.event()).orElse("");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      textBlock =
          """
          '', kernel.shm_rmid_forced,                ''
          '', net.ipv4.tcp_syncookies,               ''
          '', net/ipv4/ip_local_port_range,          ''
          '', kernel.shmmax,                         SysctlForbidden: forbidden sysctl: "kernel.shmmax" not allowlisted
          '', net/core/somaxconn,                    SysctlForbidden: forbidden sysctl: "net.core.somaxconn" not allowlisted
          '', kernel.core_pattern,                   SysctlForbidden: forbidden sysctl: "kernel.core_pattern" not allowlisted
          net.core.somaxconn,      net.core.somaxconn,   ''
          net/core/somaxconn,      net.core.somaxconn,   ''
          kernel.msg*,             kernel.msgmax,        ''
          kernel.msg*,             kernel.sem,           SysctlForbidden: forbidden sysctl: "kernel.sem" not allowlisted
          net.*,                   net.ipv4.ip_forward,  ''
          """)
  void whatTheNodeAllows(String unsafe, String name, String refusal) {
    assertThat(refusal(AllowedSysctls.and(plain(unsafe)), pod(PodSpec.newBuilder(), name)))
        .isEqualTo(plain(refusal));
  }

  private static String plain(String cell) {
    return cell.equals("''") ? "" : cell;
  }

  @ParameterizedTest
  @CsvSource({
    "true, false, net.ipv4.tcp_syncookies, net",
    "false, true, kernel.shm_rmid_forced, ipc",
    "true, false, kernel.shm_rmid_forced, ''",
    "false, true, net.ipv4.tcp_syncookies, ''"
  })
  void whatThePodSharesWithTheHostIsNotIts(
      boolean network, boolean ipc, String name, String shared) {
    Pod pod = pod(PodSpec.newBuilder().setHostNetwork(network).setHostIPC(ipc), name);
    assertThat(refusal(AllowedSysctls.DEFAULT, pod))
        .isEqualTo(
            shared.isEmpty()
                ? ""
                : "SysctlForbidden: forbidden sysctl: \"%s\" not allowed with host %s enabled"
                    .formatted(name, shared));
  }

  @ParameterizedTest
  @CsvSource({
    "vm.swappiness, not known to be of a namespace",
    "kernel.*, not known to be of a namespace",
    "*, not known to be of a namespace",
    "net.ipv4.a b, is no sysctl",
    "Net.core.somaxconn, is no sysctl",
    "net..core, is no sysctl",
    "'net.core.somaxconn,', is no sysctl"
  })
  void whatCannotBeAllowed(String unsafe, String words) {
    assertThatThrownBy(() -> AllowedSysctls.and(unsafe))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }
}
