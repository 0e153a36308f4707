package io.coxswain.node.service;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What the table should hold, in nft's own words (nft(8)). Names sort, so that texts made from it
/// are always the same.
record Ruleset(NavigableMap<String, Chain> chains, NavigableMap<String, Elements> sets) {

  static final Ruleset EMPTY = new Ruleset(new TreeMap<>(), new TreeMap<>());

  /// @param hook where the kernel enters the chain, as `type nat hook output priority -100;`; empty
  ///   for one that is only jumped to
  record Chain(String hook, List<String> rules) {
    Chain {
      rules = List.copyOf(rules);
    }
  }

  /// A set or a map.
  ///
  /// @param definition as `type ipv4_addr;`
  /// @param elements key → value; the value is empty in a set
  /// @param dynamic whether packets add the elements: then they are left alone
  record Elements(
      boolean map, String definition, NavigableMap<String, String> elements, boolean dynamic) {

    static Elements set(String definition) {
      return new Elements(false, definition, new TreeMap<>(), false);
    }

    static Elements map(String definition) {
      return new Elements(true, definition, new TreeMap<>(), false);
    }

    static Elements dynamic(String definition) {
      return new Elements(false, definition, new TreeMap<>(), true);
    }

    String keyword() {
      return map ? "map" : "set";
    }
  }

  static Ruleset empty() {
    return new Ruleset(new TreeMap<>(), new TreeMap<>());
  }

  Ruleset chain(String name, String... rules) {
    return chain(name, List.of(rules));
  }

  Ruleset chain(String name, List<String> rules) {
    chains.put(name, new Chain("", rules));
    return this;
  }

  Ruleset base(String name, String hook, String... rules) {
    chains.put(name, new Chain(hook, List.of(rules)));
    return this;
  }

  /// Everything of `part` is added here; sets of the same name join their elements. Where two parts
  /// claim one key, the first keeps it.
  Ruleset include(Ruleset part) {
    part.chains.forEach(chains::putIfAbsent);
    for (Map.Entry<String, Elements> set : part.sets.entrySet()) {
      Elements own = sets.get(set.getKey());
      if (own == null) {
        Elements other = set.getValue();
        sets.put(
            set.getKey(),
            new Elements(
                other.map(), other.definition(), new TreeMap<>(other.elements()), other.dynamic()));
      } else {
        set.getValue().elements().forEach(own.elements()::putIfAbsent);
      }
    }
    return this;
  }
}
