package io.coxswain.controlplane.server;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;

/// How health checks came out, in Prometheus' text form and by Kubernetes' names: what objectives
/// for a service are measured by. Bounded by the number of checks.
final class HealthFigures {

  private record Series(String name, String type) implements Comparable<Series> {
    @Override
    public int compareTo(Series other) {
      int byName = name.compareTo(other.name);
      return byName != 0 ? byName : type.compareTo(other.type);
    }
  }

  private record Counts(boolean last, long good, long bad) {
    Counts and(boolean ok) {
      return new Counts(ok, good + (ok ? 1 : 0), bad + (ok ? 0 : 1));
    }
  }

  private final Map<Series, Counts> counts = new TreeMap<>();

  /// @param type `livez`, `readyz` or `healthz`
  synchronized void checked(String name, String type, boolean ok) {
    counts.compute(
        new Series(name, type),
        (_, before) -> (before == null ? new Counts(ok, 0, 0) : before).and(ok));
  }

  synchronized String text() {
    StringBuilder text = new StringBuilder();
    head(text, "kubernetes_healthcheck", "the result of a single check", "gauge");
    counts.forEach(
        (series, count) -> line(text, "kubernetes_healthcheck", series, "", count.last() ? 1 : 0));
    head(text, "kubernetes_healthchecks_total", "the results of all checks", "counter");
    counts.forEach((series, count) -> {
      count(text, series, "error", count.bad());
      count(text, series, "success", count.good());
    });
    head(text, "process_start_time_seconds", "when the process started", "gauge");
    text.append("process_start_time_seconds ")
        .append(ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0)
        .append('\n');
    return text.toString();
  }

  private static void head(StringBuilder text, String name, String help, String type) {
    text.append("# HELP ").append(name).append(' ').append(help);
    text.append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void count(StringBuilder text, Series series, String status, long count) {
    if (count > 0) {
      String label = ",status=\"" + status + "\"";
      line(text, "kubernetes_healthchecks_total", series, label, count);
    }
  }

  private static void line(
      StringBuilder text, String name, Series series, String more, long value) {
    text.append(name).append("{name=\"").append(series.name());
    text.append("\",type=\"").append(series.type()).append('"').append(more).append("} ");
    text.append(value).append('\n');
  }
}
