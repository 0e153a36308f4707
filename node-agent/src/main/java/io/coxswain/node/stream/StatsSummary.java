package io.coxswain.node.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.client.codec.Times;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.NodeUsage;
import io.coxswain.node.host.ProcessNumbers;
import io.coxswain.node.image.Images;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.node.usage.NodeDisks;
import io.coxswain.node.usage.PodMeter;
import io.coxswain.node.usage.VolumeRounds;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What node and pods use, in the form of the kubelet's `/stats/summary`. Rates of cpu are over the
/// time since an earlier measurement: one that somebody asked for not long ago, or else one that is
/// made a second before the answer. Nothing is measured while nobody asks.
public final class StatsSummary {

  /// Until then an answer serves everybody who asks.
  private static final Duration FRESH = Duration.ofSeconds(5);

  /// From then on a measurement tells too little of the present to compare with.
  private static final Duration STALE = Duration.ofSeconds(60);

  /// Over what cpu is measured for who asks first.
  private static final Duration FIRST_WINDOW = Duration.ofSeconds(1);

  /// Waits; replaced in tests.
  interface Pause {
    void pause(Duration time) throws InterruptedException;
  }

  private record Sample(long cpuNanos, Instant at) {}

  /// @param samples by control group; the machine's own under the empty name
  private record Measurement(Instant at, Map<String, Sample> samples, String json) {
    boolean isYoungerThan(Duration age, Instant now) {
      return Duration.between(at, now).compareTo(age) < 0;
    }
  }

  private final String node;

  /// Where it looks.
  public record Parts(
      PodRuntime runtime,
      Images images,
      ControlGroups controlGroups,
      PodMeter meter,
      VolumeRounds rounds,
      NodeDisks disks) {}

  private final PodRuntime runtime;
  private final ControlGroups controlGroups;
  private final DiskStats disk;
  private final Clock clock;
  private final Pause pause;
  private Measurement last = new Measurement(Instant.EPOCH, Map.of(), "");
  private Map<String, Sample> before = Map.of();

  public StatsSummary(String node, Parts parts, Clock clock) {
    this(node, parts, clock, Thread::sleep);
  }

  StatsSummary(String node, Parts parts, Clock clock, Pause pause) {
    this.node = node;
    this.runtime = parts.runtime();
    this.controlGroups = parts.controlGroups();
    this.disk = new DiskStats(parts.images(), parts.meter(), parts.rounds(), parts.disks());
    this.clock = clock;
    this.pause = pause;
  }

  /// Blocks for a second when nobody has asked for a while.
  synchronized String json() throws IOException, InterruptedException {
    if (!last.isYoungerThan(STALE, clock.instant())) {
      last = measure();
      pause.pause(FIRST_WINDOW);
    } else if (last.isYoungerThan(FRESH, clock.instant())) {
      return last.json();
    }
    last = measure();
    return last.json();
  }

  private Measurement measure() throws IOException {
    Instant now = clock.instant();
    before = last.samples();
    Map<String, Sample> samples = new HashMap<>();
    List<Object> pods = new ArrayList<>();
    for (Pod pod : runtime.known()) {
      pods.add(pod(pod, now, samples));
    }
    NodeUsage usage = NodeUsage.read();
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("nodeName", node);
    own.put("cpu", cpu("", usage.cpuNanos(), usage.startedAt(), now, samples));
    own.put(
        "memory", memory(usage.memoryBytes(), usage.workingSetBytes(), usage.memoryBytes(), now));
    own.put("startTime", Times.formatSeconds(usage.startedAt()));
    disk.node(own, now);
    ProcessNumbers numbers = ProcessNumbers.read();
    own.put(
        "rlimit",
        Map.of(
            "time", Times.formatSeconds(now),
            "maxpid", numbers.most(),
            "curproc", numbers.running()));
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("node", own);
    summary.put("pods", pods);
    return new Measurement(now, samples, JsonTrees.text(summary));
  }

  private Map<String, Object> pod(Pod pod, Instant now, Map<String, Sample> samples)
      throws IOException {
    List<Object> containers = new ArrayList<>();
    DiskStats.OfPod stored = disk.pod(pod);
    Instant since = now;
    for (ContainerRecord record : runtime.containers(pod.getMetadata().getUid())) {
      if (record.running()) {
        since = record.startedAt().isBefore(since) ? record.startedAt() : since;
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", record.container());
        one.put("startTime", Times.formatSeconds(record.startedAt()));
        put(one, runtime.cgroup(pod, record), record.startedAt(), now, samples);
        one.putAll(stored.container(record.container()));
        containers.add(one);
      }
    }
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put(
        "podRef",
        Map.of(
            "name", pod.getMetadata().getName(),
            "namespace", pod.getMetadata().getNamespace(),
            "uid", pod.getMetadata().getUid()));
    stats.put("startTime", Times.formatSeconds(since));
    stats.put("containers", containers);
    put(stats, runtime.cgroup(pod), since, now, samples);
    stats.putAll(stored.pod());
    return stats;
  }

  private void put(
      Map<String, Object> stats,
      String cgroup,
      Instant since,
      Instant now,
      Map<String, Sample> samples) {
    ControlGroups.Usage usage = controlGroups.usage(cgroup);
    stats.put("cpu", cpu(cgroup, usage.cpuNanos(), since, now, samples));
    stats.put(
        "memory", memory(usage.memoryBytes(), usage.workingSetBytes(), usage.residentBytes(), now));
    stats.put("process_stats", Map.of("process_count", usage.processes()));
  }

  private Map<String, Object> cpu(
      String key, long nanos, Instant since, Instant now, Map<String, Sample> samples) {
    samples.put(key, new Sample(nanos, now));
    Sample earlier = before.getOrDefault(key, new Sample(0, since));
    long millis = Math.max(1, Duration.between(earlier.at(), now).toMillis());
    Map<String, Object> cpu = new LinkedHashMap<>();
    cpu.put("time", Times.formatSeconds(now));
    cpu.put("usageNanoCores", Math.max(0, nanos - earlier.cpuNanos()) * 1000 / millis);
    cpu.put("usageCoreNanoSeconds", nanos);
    cpu.put("windowMillis", millis); // not the kubelet's, who leaves it to guess
    return cpu;
  }

  private static Map<String, Object> memory(long bytes, long working, long resident, Instant now) {
    Map<String, Object> memory = new LinkedHashMap<>();
    memory.put("time", Times.formatSeconds(now));
    memory.put("usageBytes", bytes);
    memory.put("workingSetBytes", working);
    memory.put("rssBytes", resident);
    return memory;
  }
}
