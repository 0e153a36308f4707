package io.coxswain.node.service;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the kernel's table to a [Ruleset], step by step while it knows what is there, from
/// scratch when it does not: at first, and after a refusal, as when somebody flushed the table.
final class RuleKeeper {

  private static final Logger LOG = LoggerFactory.getLogger(RuleKeeper.class);
  private static final Pattern NAMED =
      Pattern.compile("^\\s*(chain|set|map) (\\S+) \\{", Pattern.MULTILINE);

  private final Nftables nftables;
  private Ruleset applied = Ruleset.EMPTY;
  private boolean known;

  RuleKeeper(Nftables nftables) {
    this.nftables = nftables;
  }

  /// @return whether anything had to be changed
  synchronized boolean apply(Ruleset wanted) throws IOException {
    if (known) {
      String script = RulesetDiff.between(applied, wanted);
      if (script.isEmpty()) {
        return false;
      }
      try {
        nftables.run(script);
        applied = wanted;
        return true;
      } catch (IOException e) {
        known = false;
        LOG.warn("A change of the rules was refused: writing all of them anew", e);
      }
    }
    writeAll(wanted);
    applied = wanted;
    known = true;
    return true;
  }

  /// Whether the table is still there. Somebody may have flushed everything.
  synchronized boolean verify() {
    try {
      known = known && nftables.run("list tables\n").contains("table " + RulesetDiff.TABLE);
    } catch (IOException e) {
      LOG.debug("The tables cannot be listed", e);
      known = false;
    }
    return known;
  }

  synchronized void purge() throws IOException {
    known = false;
    applied = Ruleset.EMPTY;
    nftables.run("add table %s\ndelete table %s\n".formatted(RulesetDiff.TABLE, RulesetDiff.TABLE));
  }

  private void writeAll(Ruleset wanted) throws IOException {
    try {
      Set<String> chains = new TreeSet<>();
      Map<String, String> sets = new TreeMap<>();
      String present =
          nftables.run(
              "add table %s\nlist table %s\n".formatted(RulesetDiff.TABLE, RulesetDiff.TABLE));
      Matcher named = NAMED.matcher(present);
      while (named.find()) {
        if (named.group(1).equals("chain")) {
          chains.add(named.group(2));
        } else {
          sets.put(named.group(2), named.group(1));
        }
      }
      nftables.run(RulesetDiff.resync(chains, sets, wanted));
    } catch (IOException e) {
      LOG.info("The rules of before do not fit and are replaced: {}", e.getMessage());
      nftables.run(RulesetDiff.replace(wanted));
    }
  }
}
