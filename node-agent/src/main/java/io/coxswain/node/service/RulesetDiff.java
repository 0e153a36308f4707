package io.coxswain.node.service;

import io.coxswain.node.service.Ruleset.Chain;
import io.coxswain.node.service.Ruleset.Elements;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The commands that lead from one [Ruleset] to another, for one transaction of nft(8). Whatever is
/// referred to is made before and deleted after what refers to it.
final class RulesetDiff {

  static final String TABLE = "inet coxswain";

  /// Long lines of elements are cut here, so that a message of the kernel about one stays readable.
  private static final int ELEMENTS_A_LINE = 200;

  private final StringBuilder script = new StringBuilder();

  private RulesetDiff() {}

  /// Empty when nothing differs.
  static String between(Ruleset from, Ruleset to) {
    RulesetDiff diff = new RulesetDiff();
    diff.addSets(from, to);
    diff.addChains(from, to);
    diff.fillChains(from, to);
    diff.changeElements(from, to);
    diff.deleteChains(without(from.chains().keySet(), to.chains().keySet()));
    diff.deleteSets(from.sets(), without(from.sets().keySet(), to.sets().keySet()));
    return diff.script.toString();
  }

  /// From a table of which only the names are known, as one that an agent before this left. What
  /// packets have put into dynamic sets stays.
  ///
  /// @param chains names of the chains that are there
  /// @param sets of the sets and maps that are there, `set` or `map` by name
  static String resync(Set<String> chains, Map<String, String> sets, Ruleset to) {
    RulesetDiff diff = new RulesetDiff();
    diff.line("add table " + TABLE);
    for (String chain : chains) {
      diff.line("flush chain %s %s".formatted(TABLE, chain));
    }
    sets.forEach((name, kind) -> {
      Elements wanted = to.sets().get(name);
      if (wanted == null || !wanted.dynamic()) {
        diff.line("flush %s %s %s".formatted(kind, TABLE, name));
      }
    });
    Ruleset known = Ruleset.empty();
    sets.forEach((name, kind) -> {
      Elements wanted = to.sets().get(name);
      if (wanted != null) {
        known.sets().put(name, withoutElements(wanted));
      }
    });
    for (String chain : chains) {
      Chain wanted = to.chains().get(chain);
      if (wanted != null) {
        known.chains().put(chain, new Chain(wanted.hook(), List.of()));
      }
    }
    diff.script.append(between(known, to));
    diff.deleteChains(without(chains, to.chains().keySet()));
    sets.forEach((name, kind) -> {
      if (!to.sets().containsKey(name)) {
        diff.line("delete %s %s %s".formatted(kind, TABLE, name));
      }
    });
    return diff.script.toString();
  }

  /// Makes the table anew, whatever is in it. In one transaction: no packet sees it missing.
  static String replace(Ruleset to) {
    return "add table %s\ndelete table %s\nadd table %s\n".formatted(TABLE, TABLE, TABLE)
        + between(Ruleset.EMPTY, to);
  }

  private static Elements withoutElements(Elements set) {
    return new Elements(set.map(), set.definition(), new TreeMap<>(), set.dynamic());
  }

  private void addSets(Ruleset from, Ruleset to) {
    to.sets()
        .forEach((name, set) -> {
          Elements old = from.sets().get(name);
          if (old == null) {
            line("add %s %s %s { %s }".formatted(set.keyword(), TABLE, name, set.definition()));
          } else if (!old.definition().equals(set.definition())) {
            throw new IllegalArgumentException(
                "set %s would become another: give it a new name".formatted(name));
          }
        });
  }

  private void addChains(Ruleset from, Ruleset to) {
    to.chains()
        .forEach((name, chain) -> {
          if (from.chains().containsKey(name)) {
            return;
          }
          if (chain.hook().isEmpty()) {
            line("add chain %s %s".formatted(TABLE, name));
          } else {
            line("add chain %s %s { %s policy accept; }".formatted(TABLE, name, chain.hook()));
          }
        });
  }

  private void fillChains(Ruleset from, Ruleset to) {
    to.chains()
        .forEach((name, chain) -> {
          Chain old = from.chains().get(name);
          if (old != null && old.rules().equals(chain.rules())) {
            return;
          }
          if (old != null && !old.rules().isEmpty()) {
            line("flush chain %s %s".formatted(TABLE, name));
          }
          for (String rule : chain.rules()) {
            line("add rule %s %s %s".formatted(TABLE, name, rule));
          }
        });
  }

  private void changeElements(Ruleset from, Ruleset to) {
    from.sets()
        .forEach((name, old) -> {
          Elements set = to.sets().get(name);
          List<String> gone = new ArrayList<>();
          if (!old.dynamic()) {
            old.elements()
                .forEach((key, value) -> {
                  if (set == null || !Objects.equals(set.elements().get(key), value)) {
                    gone.add(key);
                  }
                });
          }
          elements("delete", name, gone);
        });
    to.sets()
        .forEach((name, set) -> {
          Map<String, String> old =
              from.sets().containsKey(name) ? from.sets().get(name).elements() : Map.of();
          List<String> added = new ArrayList<>();
          set.elements()
              .forEach((key, value) -> {
                if (!Objects.equals(old.get(key), value)) {
                  added.add(value.isEmpty() ? key : key + " : " + value);
                }
              });
          elements("add", name, added);
        });
  }

  private void elements(String verb, String set, List<String> elements) {
    for (int i = 0; i < elements.size(); i += ELEMENTS_A_LINE) {
      List<String> some = elements.subList(i, Math.min(i + ELEMENTS_A_LINE, elements.size()));
      line("%s element %s %s { %s }".formatted(verb, TABLE, set, String.join(", ", some)));
    }
  }

  /// Emptied first, for they may refer to each other.
  private void deleteChains(Collection<String> names) {
    for (String name : names) {
      line("flush chain %s %s".formatted(TABLE, name));
    }
    for (String name : names) {
      line("delete chain %s %s".formatted(TABLE, name));
    }
  }

  private void deleteSets(Map<String, Elements> sets, Collection<String> names) {
    for (String name : names) {
      line(
          "delete %s %s %s"
              .formatted(Objects.requireNonNull(sets.get(name)).keyword(), TABLE, name));
    }
  }

  private static Set<String> without(Set<String> from, Set<String> kept) {
    Set<String> gone = new TreeSet<>(from);
    gone.removeAll(kept);
    return gone;
  }

  private void line(String command) {
    script.append(command).append('\n');
  }
}
