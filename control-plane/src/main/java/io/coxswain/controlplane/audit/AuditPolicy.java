package io.coxswain.controlplane.audit;

import io.coxswain.controlplane.authz.Attributes;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What is told of which requests: the first rule that a request fits counts, and of one that fits
/// none nothing is told.
///
/// @param silent stages of which nothing is told, whichever rule fits
/// @param omitManagedFields what holds where a rule does not say
record AuditPolicy(List<AuditRule> rules, Set<Stage> silent, boolean omitManagedFields) {

  /// What is to be told of one request.
  ///
  /// @param silent stages of which nothing is told
  record Ruling(Level level, Set<Stage> silent, boolean omitManagedFields) {

    static final Ruling NOTHING = new Ruling(Level.NONE, Set.of(), false);

    Ruling {
      silent = Set.copyOf(silent);
    }
  }

  AuditPolicy {
    rules = List.copyOf(rules);
    silent = Set.copyOf(silent);
  }

  Ruling of(Attributes wanted) {
    for (AuditRule rule : rules) {
      if (rule.fits(wanted)) {
        Set<Stage> both = EnumSet.noneOf(Stage.class);
        both.addAll(silent);
        both.addAll(rule.silent());
        return new Ruling(rule.level(), both, rule.omitManagedFields().orElse(omitManagedFields));
      }
    }
    return Ruling.NOTHING;
  }

  /// The namespace that a request is about: a Namespace is taken to be in itself.
  static String namespace(Attributes wanted) {
    boolean itself = wanted.group().isEmpty() && wanted.resource().equals("namespaces");
    return itself ? wanted.name() : wanted.namespace();
  }
}
