package io.coxswain.node.usage;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.client.volume.Claims;
import io.coxswain.node.volume.VolumeFigures;
import io.coxswain.node.volume.VolumeFigures.Figure;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// kubelet's metrics of the volumes that pods have by claims, made anew for each who asks: of a
/// claim that no pod here has any more nothing stays.
public final class ClaimCollector implements MultiCollector {

  private static final String PREFIX = "kubelet_volume_stats_";

  private final VolumeRounds rounds;

  public ClaimCollector(VolumeRounds rounds) {
    this.rounds = rounds;
  }

  @Override
  public MetricSnapshots collect() {
    Map<Labels, VolumeFigures> claims = claims();
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    for (Figure figure : Figure.values()) {
      Map<Labels, Double> values = new LinkedHashMap<>();
      claims.forEach((claim, known) ->
          Optional.ofNullable(known.known().get(figure))
              .ifPresent(value -> values.put(claim, (double) value)));
      add(all, figure.metric(), figure.help(), values);
    }
    Map<Labels, Double> health = new LinkedHashMap<>();
    claims.forEach((claim, known) ->
        known.abnormal().ifPresent(abnormal -> health.put(claim, abnormal ? 1.0 : 0.0)));
    add(
        all,
        "health_status_abnormal",
        "1 while the volume's driver says that something is wrong with it, 0 while it says that nothing is",
        health);
    return all.build();
  }

  /// Of the pods that share a claim, the first that is known of counts.
  private Map<Labels, VolumeFigures> claims() {
    Map<Labels, VolumeFigures> claims = new LinkedHashMap<>();
    for (Pod pod : rounds.pods()) {
      for (Volume volume : pod.getSpec().getVolumesList()) {
        Optional<String> claim = Claims.nameOf(pod, volume);
        Optional<VolumeFigures> figures = rounds.of(pod, volume.getName());
        if (claim.isPresent() && figures.isPresent()) {
          Labels labels =
              Labels.of(
                  "namespace",
                  pod.getMetadata().getNamespace(),
                  "persistentvolumeclaim",
                  claim.get());
          claims.putIfAbsent(labels, figures.get());
        }
      }
    }
    return claims;
  }

  private static void add(
      MetricSnapshots.Builder all, String name, String help, Map<Labels, Double> values) {
    if (values.isEmpty()) {
      return;
    }
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(PREFIX + name).help(help);
    values.forEach((labels, value) ->
        gauge.dataPoint(GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
    all.metricSnapshot(gauge.build());
  }
}
