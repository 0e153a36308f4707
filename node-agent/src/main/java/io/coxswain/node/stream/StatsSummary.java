package io.coxswain.node.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.NodeUsage;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// What node and pods use, in the form of the kubelet's `/stats/summary`. Rates of cpu are over the
/// time since somebody asked last, and over the pod's life for who asks first: nothing is measured
/// while nobody asks.
public final class StatsSummary {

  private static final JsonMapper JSON = JsonMapper.shared();

  private record Sample(long cpuNanos, Instant at) {}

  private final String node;
  private final PodRuntime runtime;
  private final ControlGroups controlGroups;
  private final Clock clock;
  private Map<String, Sample> before = new HashMap<>();

  public StatsSummary(String node, PodRuntime runtime, ControlGroups controlGroups, Clock clock) {
    this.node = node;
    this.runtime = runtime;
    this.controlGroups = controlGroups;
    this.clock = clock;
  }

  synchronized byte[] json() throws IOException {
    Instant now = clock.instant();
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
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("node", own);
    summary.put("pods", pods);
    before = samples;
    return JSON.writeValueAsBytes(summary);
  }

  private Map<String, Object> pod(Pod pod, Instant now, Map<String, Sample> samples)
      throws IOException {
    List<Object> containers = new ArrayList<>();
    Instant since = now;
    for (ContainerRecord record : runtime.containers(pod.getMetadata().getUid())) {
      if (record.running()) {
        since = record.startedAt().isBefore(since) ? record.startedAt() : since;
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", record.container());
        one.put("startTime", Times.formatSeconds(record.startedAt()));
        put(one, runtime.cgroup(pod, record), record.startedAt(), now, samples);
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
    Sample last = before.getOrDefault(key, new Sample(0, since));
    long millis = Math.max(1, java.time.Duration.between(last.at(), now).toMillis());
    Map<String, Object> cpu = new LinkedHashMap<>();
    cpu.put("time", Times.formatSeconds(now));
    cpu.put("usageNanoCores", Math.max(0, nanos - last.cpuNanos()) * 1000 / millis);
    cpu.put("usageCoreNanoSeconds", nanos);
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
