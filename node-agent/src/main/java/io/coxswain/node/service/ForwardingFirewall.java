package io.coxswain.node.service;

import io.coxswain.node.network.Cidr;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets pods through where a firewall of the machine drops what it does not know: Docker and ufw
/// set the policy of iptables' chain FORWARD so, and a packet must pass every chain of the hook.
/// Two rules stand at that chain's end, as those of k3s' network do, so what the machine's owner
/// refuses before them stays refused. Other chains that drop are their owner's alone, and are told
/// of once.
final class ForwardingFirewall {

  private static final Logger LOG = LoggerFactory.getLogger(ForwardingFirewall.class);

  private static final String IPTABLES = "ip filter FORWARD";

  /// By it `node-cleanup` finds the rules.
  private static final String COMMENT = "comment \"coxswain\"";

  private static final Pattern CHAINS =
      Pattern.compile(
          "^table (?<table>\\w+ \\S+) \\{"
              + "|^\\s+chain (?<chain>\\S+) \\{"
              + "|^\\s+type filter hook forward .*policy (?<policy>\\w+);",
          Pattern.MULTILINE);

  private final Nftables nftables;
  private boolean told;

  ForwardingFirewall(Nftables nftables) {
    this.nftables = nftables;
  }

  /// Adds what is missing. Blocks; what cannot be done is logged, for the rules of Services do not
  /// depend on it.
  ///
  /// @param pods addresses of all pods of the cluster
  void open(Cidr pods) {
    try {
      Set<String> dropping = dropping(nftables.run("list chains ip\n"));
      if (dropping.remove(IPTABLES)) {
        open(IPTABLES, pods);
      }
      if (!told) {
        // only once: our own table is of this family, with chains for each Service
        dropping.addAll(dropping(nftables.run("list chains inet\n")));
        told = true;
        dropping.forEach(chain ->
            LOG.warn(
                "chain {} drops what is forwarded unless a rule accepts it: pods reach each other"
                    + " only if it accepts {}",
                chain,
                pods));
      }
    } catch (IOException e) {
      LOG.warn("Whether a firewall drops pods' packets cannot be seen: {}", e.getMessage());
    }
  }

  private void open(String chain, Cidr pods) throws IOException {
    String present = nftables.run("list chain %s\n".formatted(chain));
    StringBuilder missing = new StringBuilder();
    for (String side : new String[] {"saddr", "daddr"}) {
      String match = "ip %s %s counter".formatted(side, pods);
      if (!present.contains(match)) {
        missing.append("add rule %s %s accept %s\n".formatted(chain, match, COMMENT));
      }
    }
    if (!missing.isEmpty()) {
      String _ = nftables.run(missing.toString());
      LOG.info("{} drops what it does not know: pods' addresses {} were let through", chain, pods);
    }
  }

  /// The base chains of forwarding whose policy is to drop, with family and table.
  ///
  /// @param listed as nft(8) lists chains
  static Set<String> dropping(String listed) {
    Set<String> dropping = new TreeSet<>();
    String table = "";
    String chain = "";
    Matcher found = CHAINS.matcher(listed);
    while (found.find()) {
      if (found.group("table") != null) {
        table = found.group("table");
      } else if (found.group("chain") != null) {
        chain = found.group("chain");
      } else if (found.group("policy").equals("drop")) {
        dropping.add(table + " " + chain);
      }
    }
    return dropping;
  }
}
