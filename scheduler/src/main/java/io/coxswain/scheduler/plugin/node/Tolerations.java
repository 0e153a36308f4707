package io.coxswain.scheduler.plugin.node;

import io.coxswain.api.core.v1.Taint;
import io.coxswain.api.core.v1.Toleration;
import java.util.Collection;

/// Whether pods put up with taints.
public final class Tolerations {

  private Tolerations() {}

  public static boolean tolerate(Collection<Toleration> tolerations, Taint taint) {
    for (Toleration toleration : tolerations) {
      if (tolerates(toleration, taint)) {
        return true;
      }
    }
    return false;
  }

  /// An empty effect is all effects; an empty key with `Exists` is every taint.
  static boolean tolerates(Toleration toleration, Taint taint) {
    if (!toleration.getEffect().isEmpty() && !toleration.getEffect().equals(taint.getEffect())) {
      return false;
    }
    if (!toleration.getKey().isEmpty() && !toleration.getKey().equals(taint.getKey())) {
      return false;
    }
    return switch (toleration.getOperator()) {
      case "", "Equal" ->
          !toleration.getKey().isEmpty() && toleration.getValue().equals(taint.getValue());
      case "Exists" -> true;
      case "Lt" -> compare(taint.getValue(), toleration.getValue()) < 0;
      case "Gt" -> compare(taint.getValue(), toleration.getValue()) > 0;
      default -> false;
    };
  }

  // What is no number is neither less nor greater (KEP-5471).
  private static int compare(String taint, String toleration) {
    try {
      return Long.compare(Long.parseLong(taint), Long.parseLong(toleration));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
