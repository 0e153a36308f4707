package io.coxswain.controlplane.fieldset;

import java.util.List;
import java.util.stream.Collectors;

/// One step on the way from an object's root to a field. Ordered: fields, then keys, values,
/// indexes.
public sealed interface PathElement extends Comparable<PathElement> {

  /// A field of an object or an entry of a map.
  record Field(String name) implements PathElement {
    @Override
    public String toString() {
      return "." + name;
    }
  }

  /// An element of a list, known by some of its fields.
  ///
  /// @param parts sorted by name
  record Key(List<Part> parts) implements PathElement {
    public Key {
      parts = List.copyOf(parts);
    }

    @Override
    public String toString() {
      return parts.stream()
          .map(part -> part.name() + "=" + part.value())
          .collect(Collectors.joining(",", "[", "]"));
    }
  }

  /// One of the fields of a key.
  record Part(String name, Scalar value) implements Comparable<Part> {
    @Override
    public int compareTo(Part other) {
      int names = name.compareTo(other.name);
      return names != 0 ? names : value.compareTo(other.value);
    }
  }

  /// An element of a set, which is itself.
  record Value(Scalar value) implements PathElement {
    @Override
    public String toString() {
      return "[=" + value + "]";
    }
  }

  /// An element of a list, by its place.
  record Index(int index) implements PathElement {
    @Override
    public String toString() {
      return "[" + index + "]";
    }
  }

  private static int rank(PathElement element) {
    return switch (element) {
      case Field _ -> 0;
      case Key _ -> 1;
      case Value _ -> 2;
      case Index _ -> 3;
    };
  }

  @Override
  default int compareTo(PathElement other) {
    return switch (this) {
      case Field(String name) when other instanceof Field(String theirs) -> name.compareTo(theirs);
      case Key(List<Part> parts) when other instanceof Key(List<Part> theirs) ->
          compare(parts, theirs);
      case Value(Scalar value) when other instanceof Value(Scalar theirs) ->
          value.compareTo(theirs);
      case Index(int index) when other instanceof Index(int theirs) ->
          Integer.compare(index, theirs);
      case Field _, Key _, Value _, Index _ -> Integer.compare(rank(this), rank(other));
    };
  }

  private static int compare(List<Part> ours, List<Part> theirs) {
    for (int i = 0; i < ours.size() && i < theirs.size(); i++) {
      int order = ours.get(i).compareTo(theirs.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(ours.size(), theirs.size());
  }
}
