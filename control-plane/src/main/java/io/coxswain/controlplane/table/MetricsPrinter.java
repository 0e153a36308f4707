package io.coxswain.controlplane.table;

import io.coxswain.api.metrics.v1beta1.ContainerMetrics;
import io.coxswain.api.metrics.v1beta1.NodeMetrics;
import io.coxswain.api.metrics.v1beta1.PodMetrics;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// What nodes and pods use, as `get` shows it; `top` makes its own table.
final class MetricsPrinter {

  private MetricsPrinter() {}

  static Printer<NodeMetrics> nodes() {
    return Printers.start(NodeMetrics.class)
        .text("CPU", node -> total("cpu", List.of(node.getUsageMap())))
        .text("Memory", node -> total("memory", List.of(node.getUsageMap())))
        .text("Window", node -> window(node.getWindow().getDuration()));
  }

  static Printer<PodMetrics> pods() {
    return Printers.start(PodMetrics.class)
        .text("CPU", pod -> total("cpu", usages(pod)))
        .text("Memory", pod -> total("memory", usages(pod)))
        .text("Window", pod -> window(pod.getWindow().getDuration()));
  }

  private static List<Map<String, Quantity>> usages(PodMetrics pod) {
    return pod.getContainersList().stream().map(ContainerMetrics::getUsageMap).toList();
  }

  private static String total(String name, List<Map<String, Quantity>> usages) {
    return usages.stream()
        .map(usage -> usage.getOrDefault(name, Quantities.ZERO))
        .reduce(Quantities::add)
        .map(Quantity::getString)
        .orElse("0");
  }

  private static String window(long nanos) {
    return BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString() + "s";
  }
}
