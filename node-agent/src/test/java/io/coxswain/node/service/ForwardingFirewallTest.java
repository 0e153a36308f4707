package io.coxswain.node.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.netlink.TestNamespaces;
import io.coxswain.node.network.Cidr;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

class ForwardingFirewallTest {

  private static final Cidr PODS = Cidr.parse("10.244.0.0/16");

  @Test
  void chainsThatDropWhatIsForwardedAreFound() {
    String listed =
        """
        table ip filter {
        	chain INPUT {
        		type filter hook input priority filter; policy drop;
        	}
        	chain FORWARD {
        		type filter hook forward priority filter; policy drop;
        	}
        	chain DOCKER-USER {
        	}
        }
        table ip mine {
        	chain out {
        		type filter hook forward priority 10; policy accept;
        	}
        	chain later {
        		type filter hook forward priority filter + 10; policy drop;
        	}
        }
        """;
    assertThat(ForwardingFirewall.dropping(listed))
        .containsExactly("ip filter FORWARD", "ip mine later");
    assertThat(ForwardingFirewall.dropping("")).isEmpty();
  }

  @Test
  @EnabledIf("io.coxswain.node.host.Root#present")
  void podsAreLetThroughAtTheEndAndOnce() throws Exception {
    try (TestNamespaces namespaces = new TestNamespaces();
        Nftables nftables = namespaces.in(namespaces.create("firewall"), LibNftables::open)) {
      ForwardingFirewall firewall = new ForwardingFirewall(nftables);
      firewall.open(PODS);
      assertThat(nftables.run("list tables\n")).as("where there is none").isEmpty();

      nftables.run(
          """
          add table ip filter
          add chain ip filter FORWARD { type filter hook forward priority 0; policy accept; }
          add rule ip filter FORWARD ip saddr 10.244.9.9 counter drop
          add table inet own
          add chain inet own out { type filter hook forward priority 0; policy drop; }
          """);
      firewall.open(PODS);
      assertThat(rules(nftables)).as("one that accepts").hasSize(1);

      nftables.run("chain ip filter FORWARD { policy drop; }\n");
      firewall.open(PODS);
      firewall.open(PODS);
      assertThat(rules(nftables))
          .containsExactly(
              "ip saddr 10.244.9.9 counter packets 0 bytes 0 drop",
              "ip saddr 10.244.0.0/16 counter packets 0 bytes 0 accept comment \"coxswain\"",
              "ip daddr 10.244.0.0/16 counter packets 0 bytes 0 accept comment \"coxswain\"");
      assertThat(nftables.run("list chain inet own out\n"))
          .as("another's own is left alone")
          .doesNotContain("accept");

      nftables.run("flush chain ip filter FORWARD\n");
      firewall.open(PODS);
      assertThat(rules(nftables)).as("after a flush").hasSize(2);
    }
  }

  private static List<String> rules(Nftables nftables) throws IOException {
    return nftables
        .run("list chain ip filter FORWARD\n")
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("ip "))
        .toList();
  }
}
