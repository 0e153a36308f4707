package io.coxswain.node.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodDNSConfig;
import io.coxswain.api.core.v1.PodDNSConfigOption;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResolvConfTest {

  private static final ResolvConf HOST =
      ResolvConf.parse(
          """
          # made by hand
          nameserver 192.0.2.53
          domain old.example
          search example.org  corp.example
          options edns0 timeout:2
          """);
  private static final String CLUSTER =
      "search team.svc.cluster.local svc.cluster.local cluster.local example.org corp.example\n"
          + "nameserver 10.96.0.10\noptions ndots:5\n";
  private static final String AS_HOST =
      "search example.org corp.example\nnameserver 192.0.2.53\noptions edns0 timeout:2\n";

  @ParameterizedTest
  @CsvSource({
    "'', false, true",
    "ClusterFirst, false, true",
    "ClusterFirst, true, false",
    "ClusterFirstWithHostNet, true, true",
    "ClusterFirstWithHostNet, false, true",
    "Default, false, false",
  })
  void byPolicy(String policy, boolean hostNetwork, boolean cluster) {
    PodSpec.Builder spec = PodSpec.newBuilder().setDnsPolicy(policy).setHostNetwork(hostNetwork);
    assertThat(of(spec)).isEqualTo(cluster ? CLUSTER : AS_HOST);
  }

  @ParameterizedTest
  @CsvSource({"None", "ClusterFirst"})
  void ownConfigurationIsAdded(String policy) {
    PodSpec.Builder spec =
        PodSpec.newBuilder()
            .setDnsPolicy(policy)
            .setDnsConfig(
                PodDNSConfig.newBuilder()
                    .addNameservers("192.0.2.1")
                    .addSearches("my.example")
                    .addOptions(PodDNSConfigOption.newBuilder().setName("ndots").setValue("2"))
                    .addOptions(PodDNSConfigOption.newBuilder().setName("edns0")));
    String own =
        policy.equals("None")
            ? "search my.example\nnameserver 192.0.2.1\noptions ndots:2 edns0\n"
            : CLUSTER
                .replace("corp.example", "corp.example my.example")
                .replace("10.96.0.10\n", "10.96.0.10\nnameserver 192.0.2.1\n")
                .replace("ndots:5", "ndots:2 edns0");
    assertThat(of(spec)).isEqualTo(own);
  }

  private static String of(PodSpec.Builder spec) {
    Pod pod =
        Pod.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setNamespace("team").setName("web"))
            .setSpec(spec)
            .build();
    return ResolvConf.of(pod, HOST, "10.96.0.10", "cluster.local").text();
  }
}
