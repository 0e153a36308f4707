package io.coxswain.controlplane.fairness;

import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/// On how many seats a request sits: one, but for those that read many objects, as a list, or a
/// watch that begins with all there is. Upstream's estimate by the number of objects.
public final class Width {

  private static final double OBJECTS_A_SEAT = 100;

  private Width() {}

  /// @param single whether it can find one object only
  /// @param option reads an option of the request; empty when it is not set
  /// @param stored how many objects there are of the kind; asked only when it matters
  /// @param most seats that a request of its level sits on
  public static int of(
      String verb, boolean single, UnaryOperator<String> option, LongSupplier stored, int most) {
    boolean list = verb.equals("list");
    boolean watch = verb.equals("watch") && beginsWithAll(option);
    if (single || !(list || watch)) {
      return 1;
    }
    long seats = (long) Math.ceil(stored.getAsLong() / OBJECTS_A_SEAT);
    return Math.clamp(seats, 1, Math.max(1, most));
  }

  private static boolean beginsWithAll(UnaryOperator<String> option) {
    String version = option.apply("resourceVersion");
    return option.apply("sendInitialEvents").equals("true")
        || version.isEmpty()
        || version.equals("0");
  }
}
