package io.coxswain.controlplane.admission.plugin;

import io.coxswain.api.core.v1.LimitRangeItem;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One container, pod or claim against one item of a LimitRange. Every fault is told.
///
/// @param faults where they are told, in Kubernetes' words
record LimitCheck(
    LimitRangeItem item,
    Map<String, Quantity> requests,
    Map<String, Quantity> limits,
    List<String> faults) {

  void all() {
    new TreeMap<>(item.getMinMap()).forEach(this::atLeast);
    new TreeMap<>(item.getMaxMap()).forEach(this::atMost);
    new TreeMap<>(item.getMaxLimitRequestRatioMap()).forEach(this::inRatio);
  }

  /// Claims have no limits.
  void ofClaim() {
    new TreeMap<>(item.getMinMap()).forEach(this::atLeast);
    new TreeMap<>(item.getMaxMap())
        .forEach((name, most) -> {
          Quantity request = requests.get(name);
          if (request == null) {
            fault("maximum", name, most, ".  No request is specified");
          } else if (Quantities.compare(request, most) > 0) {
            fault("maximum", name, most, ", but request is " + request.getString());
          }
        });
  }

  private void atLeast(String name, Quantity least) {
    Quantity request = requests.get(name);
    Quantity limit = limits.get(name);
    if (request == null) {
      fault("minimum", name, least, ".  No request is specified");
    } else if (Quantities.compare(request, least) < 0) {
      fault("minimum", name, least, ", but request is " + request.getString());
    } else if (limit != null && Quantities.compare(limit, least) < 0) {
      fault("minimum", name, least, ", but limit is " + limit.getString());
    }
  }

  private void atMost(String name, Quantity most) {
    Quantity request = requests.get(name);
    Quantity limit = limits.get(name);
    if (limit == null) {
      fault("maximum", name, most, ".  No limit is specified");
    } else if (Quantities.compare(limit, most) > 0) {
      fault("maximum", name, most, ", but limit is " + limit.getString());
    } else if (request != null && Quantities.compare(request, most) > 0) {
      fault("maximum", name, most, ", but request is " + request.getString());
    }
  }

  private void fault(String which, String name, Quantity bound, String but) {
    faults.add(
        "%s %s usage per %s is %s%s"
            .formatted(which, name, item.getType(), bound.getString(), but));
  }

  private void inRatio(String name, Quantity most) {
    String begin =
        "%s max limit to request ratio per %s is %s, but "
            .formatted(name, item.getType(), most.getString());
    BigDecimal request = valueOf(requests.get(name));
    BigDecimal limit = valueOf(limits.get(name));
    if (request.signum() == 0) {
      faults.add(begin + "no request is specified or request is 0");
    } else if (limit.signum() == 0) {
      faults.add(begin + "no limit is specified or limit is 0");
    } else {
      BigDecimal ratio = limit.divide(request, MathContext.DECIMAL64);
      if (ratio.compareTo(Quantities.value(most)) > 0) {
        faults.add(begin + String.format(Locale.ROOT, "provided ratio is %f", ratio));
      }
    }
  }

  private static BigDecimal valueOf(@Nullable Quantity quantity) {
    return quantity == null ? BigDecimal.ZERO : Quantities.value(quantity);
  }
}
