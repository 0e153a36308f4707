package io.coxswain.controlplane.customresource;

import com.google.common.math.LongMath;
import io.coxswain.client.ApiError.Cause;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What all rules of one schema may cost together, as it is added up.
final class TotalCost {

  private static final int NAMED = 4;

  private static final String CONTRIBUTED =
      "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
  private static final String EXCEEDS = " exceeds budget by factor of ";

  private record Part(String path, long cost) {}

  private final List<Part> parts = new ArrayList<>();
  private long sum;

  /// @param what as `estimated rule cost`
  /// @param faults are told when this one alone is too much
  void add(String path, String what, long cost, Faults faults) {
    if (cost > RuleCost.MOST) {
      faults.forbidden(path, tooMuch(what, cost, RuleCost.MOST));
    }
    sum = LongMath.saturatedAdd(sum, cost);
    parts.add(new Part(path, cost));
  }

  /// @param path of the schema
  void problems(String path, Faults faults) {
    if (sum <= RuleCost.MOST_TOGETHER) {
      return;
    }
    parts.stream()
        .sorted(Comparator.comparingLong(Part::cost).reversed())
        .limit(NAMED)
        .filter(part -> part.cost() > 0)
        .forEach(part -> faults.forbidden(part.path(), CONTRIBUTED));
    faults.forbidden(
        path,
        tooMuch(
            "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
            sum,
            RuleCost.MOST_TOGETHER));
  }

  /// Whether a fault was told here.
  static boolean isAboutCost(Cause cause) {
    return cause.message().contains(EXCEEDS) || cause.message().contains(CONTRIBUTED);
  }

  private static String tooMuch(String what, long cost, long most) {
    double factor = (double) cost / most;
    String times =
        factor > 100
            ? "more than 100x"
            : String.format(Locale.ROOT, factor < 1.5 ? "%.6fx" : "%.1fx", factor);
    return what
        + EXCEEDS
        + times
        + " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength"
        + " where arrays, maps, and strings are declared)";
  }
}
