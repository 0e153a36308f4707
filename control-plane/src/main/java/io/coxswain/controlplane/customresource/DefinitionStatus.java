package io.coxswain.controlplane.customresource;

import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionCondition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionNames;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionStatus;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The status of a definition: whether its names are free, and so whether it is served. Pure.
public final class DefinitionStatus {

  public static final String ESTABLISHED = "Established";
  public static final String NAMES_ACCEPTED = "NamesAccepted";
  public static final String TERMINATING = "Terminating";

  private DefinitionStatus() {}

  public static boolean isTrue(CustomResourceDefinition definition, String condition) {
    return definition.getStatus().getConditionsList().stream()
        .anyMatch(one -> one.getType().equals(condition) && one.getStatus().equals("True"));
  }

  /// The definition with its names accepted as far as nobody of its group has them already.
  ///
  /// @param others all other definitions
  public static CustomResourceDefinition named(
      CustomResourceDefinition definition,
      Collection<CustomResourceDefinition> others,
      Instant now) {
    CustomResourceDefinitionNames wanted = definition.getSpec().getNames();
    CustomResourceDefinitionNames old = definition.getStatus().getAcceptedNames();
    Set<String> resources = new HashSet<>();
    Set<String> kinds = new HashSet<>();
    for (CustomResourceDefinition other : others) {
      boolean rival =
          other.getSpec().getGroup().equals(definition.getSpec().getGroup())
              && !other.getMetadata().getName().equals(definition.getMetadata().getName());
      if (rival) {
        CustomResourceDefinitionNames names = other.getStatus().getAcceptedNames();
        resources.addAll(List.of(names.getPlural(), names.getSingular()));
        resources.addAll(names.getShortNamesList());
        kinds.addAll(List.of(names.getKind(), names.getListKind()));
      }
    }
    CustomResourceDefinitionNames.Builder accepted = old.toBuilder();
    List<Refusal> refusals = new ArrayList<>();
    if (free(wanted.getPlural(), resources, "Plural", refusals)) {
      accepted.setPlural(wanted.getPlural());
    }
    if (free(wanted.getSingular(), resources, "Singular", refusals)) {
      accepted.setSingular(wanted.getSingular());
    }
    boolean shortNamesFree = true;
    for (String name : wanted.getShortNamesList()) {
      shortNamesFree &= free(name, resources, "ShortNames", refusals);
    }
    if (shortNamesFree) {
      accepted.clearShortNames().addAllShortNames(wanted.getShortNamesList());
    }
    if (free(wanted.getKind(), kinds, "Kind", refusals)) {
      accepted.setKind(wanted.getKind());
    }
    if (free(wanted.getListKind(), kinds, "ListKind", refusals)) {
      accepted.setListKind(wanted.getListKind());
    }
    accepted.clearCategories().addAllCategories(wanted.getCategoriesList());
    CustomResourceDefinitionStatus.Builder status =
        definition.getStatus().toBuilder().setAcceptedNames(accepted);
    judge(status, refusals, now);
    return definition.toBuilder().setStatus(status).build();
  }

  private record Refusal(String reason, String message) {}

  private static boolean free(String name, Set<String> taken, String what, List<Refusal> refusals) {
    if (name.isEmpty() || !taken.contains(name)) {
      return true;
    }
    refusals.add(new Refusal(what + "Conflict", "\"" + name + "\" is already in use"));
    return false;
  }

  private static void judge(
      CustomResourceDefinitionStatus.Builder status, List<Refusal> refusals, Instant now) {
    if (refusals.isEmpty()) {
      set(status, NAMES_ACCEPTED, "True", "NoConflicts", "no conflicts found", now);
      set(
          status,
          ESTABLISHED,
          "True",
          "InitialNamesAccepted",
          "the initial names have been accepted",
          now);
      return;
    }
    set(
        status,
        NAMES_ACCEPTED,
        "False",
        refusals.getLast().reason(),
        String.join(", ", refusals.stream().map(Refusal::message).toList()),
        now);
    boolean established =
        status.getConditionsList().stream()
            .anyMatch(one -> one.getType().equals(ESTABLISHED) && one.getStatus().equals("True"));
    if (!established) {
      set(status, ESTABLISHED, "False", "NotAccepted", "not all names are accepted", now);
    }
  }

  /// Sets a condition; its time stays as long as its status does.
  public static void set(
      CustomResourceDefinitionStatus.Builder status,
      String type,
      String value,
      String reason,
      String message,
      Instant now) {
    CustomResourceDefinitionCondition.Builder condition =
        CustomResourceDefinitionCondition.newBuilder()
            .setType(type)
            .setStatus(value)
            .setReason(reason)
            .setMessage(message)
            .setLastTransitionTime(Times.time(now));
    for (int i = 0; i < status.getConditionsCount(); i++) {
      CustomResourceDefinitionCondition before = status.getConditions(i);
      if (before.getType().equals(type)) {
        if (before.getStatus().equals(value)) {
          condition.setLastTransitionTime(before.getLastTransitionTime());
        }
        boolean settled =
            type.equals(ESTABLISHED) && before.getStatus().equals(value) && value.equals("True");
        if (!settled) {
          status.setConditions(i, condition);
        }
        return;
      }
    }
    status.addConditions(condition);
  }

  /// The definition with the version that is stored now among those that were ever stored.
  public static CustomResourceDefinition stored(CustomResourceDefinition definition) {
    CustomResourceDefinition.Builder noted = definition.toBuilder();
    for (CustomResourceDefinitionVersion version : definition.getSpec().getVersionsList()) {
      boolean known = definition.getStatus().getStoredVersionsList().contains(version.getName());
      if (version.getStorage() && !known) {
        noted.getStatusBuilder().addStoredVersions(version.getName());
      }
    }
    return noted.build();
  }

  /// The definition when its deletion has begun.
  public static CustomResourceDefinition terminating(
      CustomResourceDefinition definition, String reason, String message, Instant now) {
    CustomResourceDefinition.Builder marked = definition.toBuilder();
    set(marked.getStatusBuilder(), TERMINATING, "True", reason, message, now);
    return marked.build();
  }
}
