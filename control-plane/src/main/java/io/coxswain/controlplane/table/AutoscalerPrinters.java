package io.coxswain.controlplane.table;

import io.coxswain.api.autoscaling.v2.HorizontalPodAutoscaler;
import io.coxswain.api.autoscaling.v2.MetricSpec;
import io.coxswain.api.autoscaling.v2.MetricStatus;
import io.coxswain.api.autoscaling.v2.MetricTarget;
import io.coxswain.api.autoscaling.v2.MetricValueStatus;
import java.util.ArrayList;
import java.util.List;

/// The columns of autoscalers, in both versions: what is measured beside what is aimed at.
final class AutoscalerPrinters {

  private static final int SHOWN = 2;
  private static final String UNKNOWN = "<unknown>";

  private AutoscalerPrinters() {}

  static Printer<HorizontalPodAutoscaler> autoscalers() {
    return Printers.start(HorizontalPodAutoscaler.class)
        .text(
            "Reference",
            h ->
                h.getSpec().getScaleTargetRef().getKind()
                    + "/"
                    + h.getSpec().getScaleTargetRef().getName())
        .text(
            "Targets",
            h -> targets(h.getSpec().getMetricsList(), h.getStatus().getCurrentMetricsList()))
        .text(
            "MinPods",
            h ->
                Words.orUnset(
                    h.getSpec().hasMinReplicas(), Integer.toString(h.getSpec().getMinReplicas())))
        .number("MaxPods", h -> h.getSpec().getMaxReplicas())
        .number("Replicas", h -> h.getStatus().getCurrentReplicas())
        .timed("Age", Printers::age);
  }

  static Printer<io.coxswain.api.autoscaling.v1.HorizontalPodAutoscaler> oldAutoscalers() {
    return Printers.start(io.coxswain.api.autoscaling.v1.HorizontalPodAutoscaler.class)
        .text(
            "Reference",
            h ->
                h.getSpec().getScaleTargetRef().getKind()
                    + "/"
                    + h.getSpec().getScaleTargetRef().getName())
        .text("Targets", AutoscalerPrinters::processors)
        .text(
            "MinPods",
            h ->
                Words.orUnset(
                    h.getSpec().hasMinReplicas(), Integer.toString(h.getSpec().getMinReplicas())))
        .number("MaxPods", h -> h.getSpec().getMaxReplicas())
        .number("Replicas", h -> h.getStatus().getCurrentReplicas())
        .timed("Age", Printers::age);
  }

  private static String processors(
      io.coxswain.api.autoscaling.v1.HorizontalPodAutoscaler autoscaler) {
    if (!autoscaler.getSpec().hasTargetCPUUtilizationPercentage()) {
      return Words.NONE;
    }
    String current =
        autoscaler.getStatus().hasCurrentCPUUtilizationPercentage()
            ? autoscaler.getStatus().getCurrentCPUUtilizationPercentage() + "%"
            : UNKNOWN;
    return "cpu: " + current + "/" + autoscaler.getSpec().getTargetCPUUtilizationPercentage() + "%";
  }

  private static String targets(List<MetricSpec> wanted, List<MetricStatus> measured) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < wanted.size() && i < SHOWN; i++) {
      all.add(
          target(
              wanted.get(i),
              i < measured.size() ? measured.get(i) : MetricStatus.getDefaultInstance()));
    }
    if (all.isEmpty()) {
      return Words.NONE;
    }
    String shown = String.join(", ", all);
    int more = wanted.size() - SHOWN;
    return more <= 0 ? shown : shown + " + " + more + " more...";
  }

  private static String target(MetricSpec wanted, MetricStatus measured) {
    return switch (wanted.getType()) {
      case "External" ->
          amount(wanted.getExternal().getTarget(), measured.getExternal().getCurrent());
      case "Object" -> amount(wanted.getObject().getTarget(), measured.getObject().getCurrent());
      case "Pods" -> average(wanted.getPods().getTarget(), measured.getPods().getCurrent());
      case "Resource" ->
          wanted.getResource().getName()
              + ": "
              + share(wanted.getResource().getTarget(), measured.getResource().getCurrent());
      case "ContainerResource" ->
          wanted.getContainerResource().getName()
              + ": "
              + share(
                  wanted.getContainerResource().getTarget(),
                  measured.getContainerResource().getCurrent());
      default -> "<unknown type>";
    };
  }

  private static String amount(MetricTarget wanted, MetricValueStatus measured) {
    return wanted.hasAverageValue()
        ? average(wanted, measured) + " (avg)"
        : (measured.hasValue() ? measured.getValue().getString() : UNKNOWN)
            + "/"
            + wanted.getValue().getString();
  }

  private static String share(MetricTarget wanted, MetricValueStatus measured) {
    if (wanted.hasAverageValue()) {
      return average(wanted, measured);
    }
    return (measured.hasAverageUtilization() ? measured.getAverageUtilization() + "%" : UNKNOWN)
        + "/"
        + (wanted.hasAverageUtilization() ? wanted.getAverageUtilization() + "%" : "<auto>");
  }

  private static String average(MetricTarget wanted, MetricValueStatus measured) {
    return (measured.hasAverageValue() ? measured.getAverageValue().getString() : UNKNOWN)
        + "/"
        + wanted.getAverageValue().getString();
  }
}
