package io.coxswain.controlplane.fieldset;

/// A value that can tell one element of a list from another.
public sealed interface Scalar extends Comparable<Scalar> {

  record Text(String text) implements Scalar {
    @Override
    public String toString() {
      return Quoted.of(text);
    }
  }

  record Whole(long number) implements Scalar {
    @Override
    public String toString() {
      return Long.toString(number);
    }
  }

  record Real(double number) implements Scalar {
    @Override
    public String toString() {
      return Double.toString(number);
    }
  }

  record Truth(boolean value) implements Scalar {
    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /// `null`, or a whole JSON structure, kept as its text.
  record Json(String json) implements Scalar {
    @Override
    public String toString() {
      return json;
    }
  }

  private static int rank(Scalar scalar) {
    return switch (scalar) {
      case Whole _ -> 0;
      case Real _ -> 1;
      case Text _ -> 2;
      case Truth _ -> 3;
      case Json _ -> 4;
    };
  }

  @Override
  default int compareTo(Scalar other) {
    return switch (this) {
      case Whole(long ours) when other instanceof Whole(long theirs) -> Long.compare(ours, theirs);
      case Real(double ours) when other instanceof Real(double theirs) ->
          Double.compare(ours, theirs);
      case Text(String ours) when other instanceof Text(String theirs) -> ours.compareTo(theirs);
      case Truth(boolean ours) when other instanceof Truth(boolean theirs) ->
          Boolean.compare(ours, theirs);
      case Json(String ours) when other instanceof Json(String theirs) -> ours.compareTo(theirs);
      case Whole _, Real _, Text _, Truth _, Json _ -> Integer.compare(rank(this), rank(other));
    };
  }
}
