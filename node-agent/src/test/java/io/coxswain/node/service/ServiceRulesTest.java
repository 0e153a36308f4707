package io.coxswain.node.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.coxswain.api.core.v1.LoadBalancerIngress;
import io.coxswain.api.core.v1.LoadBalancerStatus;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.api.core.v1.ServiceStatus;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointConditions;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.node.netlink.TestNamespaces;
import io.coxswain.node.network.Cidr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each case's rules stand in `src/test/resources/rules/CASE.nft`, as the difference to the rules
/// without Services. `-Dcoxswain.golden=update` writes them anew.
class ServiceRulesTest {

  private static final Path GOLDEN = Path.of("src/test/resources/rules");
  private static final NodeFacts NODE =
      new NodeFacts(
          "here",
          "cxp",
          Cidr.parse("10.244.1.0/29"),
          Cidr.parse("10.244.0.0/16"),
          Cidr.parse("10.96.0.0/16"),
          InetAddress.ofLiteral("10.244.1.1"),
          InetAddress.ofLiteral("10.96.0.10"),
          53,
          List.of(
              new NodeFacts.HostPortRule(
                  "", "TCP", 8081, InetAddress.ofLiteral("10.244.1.2"), 80)));

  record Case(String name, UnaryOperator<ServiceSpec.Builder> spec, List<Endpoint> endpoints) {
    @Override
    public String toString() {
      return name;
    }

    Ruleset rules() {
      ServiceSpec.Builder base =
          ServiceSpec.newBuilder()
              .setType("ClusterIP")
              .setClusterIP("10.96.0.20")
              .addClusterIPs("10.96.0.20")
              .addPorts(ServicePort.newBuilder().setName("http").setProtocol("TCP").setPort(80));
      ServiceSpec spec = spec().apply(base).build();
      Service.Builder service =
          Service.newBuilder()
              .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName("web"))
              .setSpec(spec);
      if (spec.getType().equals("LoadBalancer")) {
        service.setStatus(
            ServiceStatus.newBuilder()
                .setLoadBalancer(
                    LoadBalancerStatus.newBuilder()
                        .addIngress(LoadBalancerIngress.newBuilder().setIp("203.0.113.9"))));
      }
      EndpointSlice slice =
          EndpointSlice.newBuilder()
              .setAddressType("IPv4")
              .addPorts(EndpointPort.newBuilder().setName("http").setProtocol("TCP").setPort(8080))
              .addAllEndpoints(endpoints())
              .build();
      return base().include(ServiceRules.of(service.build(), List.of(slice), NODE));
    }
  }

  static List<Case> cases() {
    Endpoint here = endpoint("10.244.1.2", "here", true, true, false);
    Endpoint there = endpoint("10.244.2.3", "there", true, true, false);
    Endpoint ending = endpoint("10.244.2.4", "there", false, true, true);
    Endpoint broken = endpoint("10.244.2.5", "there", false, false, false);
    UnaryOperator<ServiceSpec.Builder> nodePort =
        spec -> {
          spec.setType("NodePort").getPortsBuilder(0).setNodePort(30080);
          return spec;
        };
    return List.of(
        new Case("one-endpoint", spec -> spec, List.of(here)),
        new Case("two-endpoints-of-four", spec -> spec, List.of(here, there, ending, broken)),
        new Case("only-ending-endpoints", spec -> spec, List.of(ending, broken)),
        new Case("no-endpoints", nodePort, List.of(broken)),
        new Case("node-port", nodePort, List.of(here, there)),
        new Case(
            "node-port-local",
            spec -> nodePort.apply(spec).setExternalTrafficPolicy("Local"),
            List.of(here, there)),
        new Case(
            "node-port-local-without-any",
            spec -> nodePort.apply(spec).setExternalTrafficPolicy("Local"),
            List.of(there)),
        new Case(
            "internal-local", spec -> spec.setInternalTrafficPolicy("Local"), List.of(here, there)),
        new Case("sticky", spec -> spec.setSessionAffinity("ClientIP"), List.of(here, there)),
        new Case(
            "load-balancer",
            spec ->
                nodePort
                    .apply(spec)
                    .setType("LoadBalancer")
                    .addExternalIPs("203.0.113.7")
                    .addLoadBalancerSourceRanges("198.51.100.0/24"),
            List.of(here)),
        new Case("headless", spec -> spec.setClusterIP("None").clearClusterIPs(), List.of(here)));
  }

  private static Endpoint endpoint(
      String address, String node, boolean ready, boolean serving, boolean terminating) {
    return Endpoint.newBuilder()
        .addAddresses(address)
        .setNodeName(node)
        .setConditions(
            EndpointConditions.newBuilder()
                .setReady(ready)
                .setServing(serving)
                .setTerminating(terminating))
        .build();
  }

  private static Ruleset base() {
    return Ruleset.empty().include(BaseRules.of(NODE));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rules(Case tried) {
    golden(tried.name(), RulesetDiff.between(base(), tried.rules()));
  }

  @Test
  void withoutServices() {
    golden("base", RulesetDiff.replace(base()));
  }

  @Test
  void nothingDiffersNothingIsDone() {
    assertThat(RulesetDiff.between(base(), base())).isEmpty();
  }

  /// The kernel takes each step from one case to the next, also over what an agent before left, and
  /// what it then holds is the same as written at once.
  @Test
  void theKernelTakesEveryChange() throws Exception {
    try (TestNamespaces namespaces = new TestNamespaces()) {
      Path namespace = namespaces.create("rules");
      try (Nftables nftables = namespaces.in(namespace, LibNftables::open)) {
        nftables.run("add table ip other\nadd chain ip other mine\n");
        RuleKeeper keeper = new RuleKeeper(nftables);
        List<String> listed = new ArrayList<>();
        for (Case tried : cases()) {
          assertThat(keeper.apply(tried.rules())).as(tried.name()).isTrue();
          assertThat(keeper.apply(tried.rules())).isFalse();
          listed.add(nftables.run("list table inet coxswain\n"));
        }
        for (int i = cases().size() - 1; i >= 0; i--) {
          RuleKeeper next = new RuleKeeper(nftables);
          next.apply(cases().get(i).rules());
          assertThat(sorted(nftables.run("list table inet coxswain\n")))
              .isEqualTo(sorted(listed.get(i)));
        }
        // Somebody flushes everything of ours: noticed by a look, and by the next change.
        assertThat(keeper.verify()).isTrue();
        nftables.run("delete table inet coxswain\n");
        assertThat(keeper.verify()).isFalse();
        keeper.apply(cases().get(1).rules());
        nftables.run("delete table inet coxswain\n");
        keeper.apply(cases().get(4).rules());
        assertThat(sorted(nftables.run("list table inet coxswain\n")))
            .isEqualTo(sorted(listed.get(4)));
        keeper.purge();
        assertThat(nftables.run("list ruleset\n")).contains("other").doesNotContain("coxswain");
      }
    }
  }

  @Test
  void aRefusedChangeChangesNothingAndSaysWhy() throws Exception {
    try (TestNamespaces namespaces = new TestNamespaces()) {
      Path namespace = namespaces.create("rules");
      for (Nftables nftables :
          List.of(namespaces.in(namespace, LibNftables::open), new NftProgram())) {
        assertThat(
                catchThrowable(() ->
                    namespaces.in(
                        namespace,
                        () ->
                            nftables.run(
                                "add table inet coxswain\nadd rule inet coxswain no drop\n"))))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("No such file or directory");
        assertThat(namespaces.in(namespace, () -> nftables.run("list tables\n"))).isEmpty();
        nftables.close();
      }
    }
  }

  private static List<String> sorted(String listing) {
    return listing.lines().sorted().toList();
  }

  private static void golden(String name, String actual) {
    Path file = GOLDEN.resolve(name + ".nft");
    try {
      if (System.getProperty("coxswain.golden", "").equals("update")) {
        Files.createDirectories(GOLDEN);
        Files.writeString(file, actual);
      }
      assertThat(actual).isEqualTo(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
