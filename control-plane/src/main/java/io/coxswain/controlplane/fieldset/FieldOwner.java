package io.coxswain.controlplane.fieldset;

import java.util.Comparator;

/// Somebody who writes objects in a certain way. Who applies is one whatever the version; who
/// updates is another one in each.
///
/// @param apiVersion of the object as it was written; empty for an applier
/// @param subresource through which the object is written; empty for the object itself
public record FieldOwner(String name, Operation operation, String apiVersion, String subresource)
    implements Comparable<FieldOwner> {

  public enum Operation {
    APPLY("Apply"),
    UPDATE("Update");

    private final String label;

    Operation(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  private static final String NOBODY = "unknown";

  private static final Comparator<FieldOwner> ORDER =
      Comparator.comparing(FieldOwner::name)
          .thenComparing(FieldOwner::operation)
          .thenComparing(FieldOwner::apiVersion)
          .thenComparing(FieldOwner::subresource);

  public FieldOwner {
    if (name.isEmpty()) {
      name = NOBODY;
    }
    if (operation == Operation.APPLY) {
      apiVersion = "";
    }
  }

  /// As conflicts name it.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(Quoted.of(name));
    if (!subresource.isEmpty()) {
      text.append(" with subresource ").append(Quoted.of(subresource));
    }
    if (operation == Operation.UPDATE) {
      text.append(" using ").append(apiVersion);
    }
    return text.toString();
  }

  @Override
  public int compareTo(FieldOwner other) {
    return ORDER.compare(this, other);
  }
}
