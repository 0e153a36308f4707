package io.coxswain.bench;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.admission.plugin.PluginChain;
import io.coxswain.controlplane.registry.AdmissionRules;
import io.coxswain.controlplane.registry.Registry;
import io.coxswain.controlplane.registry.RegistryOptions;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.registry.WriteOptions;
import io.coxswain.controlplane.registry.WriteOptions.Bookkeeping;
import io.coxswain.controlplane.storage.MemoryStore;
import io.coxswain.schema.ResourceType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What it costs to book who writes which fields of a pod: below the edge, on a store in memory, in
/// this process. Counted is the CPU of the writing thread, so that other work does not matter.
final class BooksBenchmark implements Benchmark {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 9;
  private static final int WARM_UP = 4;
  private static final int PODS = 3_000;

  private static final String POD =
      """
      {"metadata": {"name": "p", "namespace": "default", "labels": {"app": "bench", "tier": "web"},
        "annotations": {"example.com/owner": "bench"}},
       "spec": {"schedulerName": "none", "containers": [{"name": "web", "image": "example.com/web:1",
         "command": ["/bin/web", "--port=8080"], "ports": [{"containerPort": 8080}],
         "env": [{"name": "MODE", "value": "on"}, {"name": "LEVEL", "value": "info"}],
         "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "32Mi"}},
         "readinessProbe": {"httpGet": {"path": "/", "port": 8080}}}],
        "volumes": [{"name": "tmp", "emptyDir": {}}]}}
      """;

  private record Way(String name, Bookkeeping books) {}

  private record Took(double create, double status, double bytes) {}

  @Override
  public String name() {
    return "books";
  }

  @Override
  public void run(Contenders contenders, Report report) throws IOException {
    List<Way> ways =
        List.of(
            new Way("without", Bookkeeping.KEEP_UP),
            new Way("with managedFields", Bookkeeping.BEGIN));
    List<List<Took>> all = List.of(new ArrayList<>(), new ArrayList<>());
    Report.say("pods with and without managedFields, " + ROUNDS + " rounds");
    for (int round = 0; round < WARM_UP + ROUNDS; round++) {
      for (int way = 0; way < ways.size(); way++) {
        Took took = round(ways.get(way).books());
        if (round >= WARM_UP) {
          all.get(way).add(took);
        }
      }
    }
    report.text(
        """
        ## Booking who wrote which fields

        Microseconds of CPU a pod, below the edge, on a store in memory: medians of %d rounds \
        of %d pods, in turns.\
        """
            .formatted(ROUNDS, PODS));
    Report.Table table = new Report.Table("", "create, µs", "status written, µs", "stored bytes");
    for (int way = 0; way < ways.size(); way++) {
      List<Took> took = all.get(way);
      table.row(
          ways.get(way).name(),
          Figures.text(Figures.median(took.stream().map(Took::create).toList())),
          Figures.text(Figures.median(took.stream().map(Took::status).toList())),
          Figures.text(Figures.median(took.stream().map(Took::bytes).toList())));
    }
    report.table(table);
  }

  private static Took round(Bookkeeping books) {
    Pod pod =
        new JsonCodec()
            .decode(
                POD.getBytes(StandardCharsets.UTF_8), Pod.getDefaultInstance(), Strictness.STRICT)
            .message();
    WriteOptions options = WriteOptions.DEFAULT.keeping(books);
    try (MemoryStore store = new MemoryStore();
        Registry registry =
            new Registry(
                store,
                new AdmissionRules(PluginChain.NONE),
                RegistryOptions.DEFAULT,
                Clock.systemUTC(),
                new SplittableRandom(1),
                new SimpleMeterRegistry())) {
      registry.start();
      if (!registry.awaitReady(Duration.ofSeconds(20))) {
        throw new IllegalStateException("the registry does not become ready");
      }
      var _ =
          registry.create(
              Target.of(ResourceType.of(Namespace.class), "", "default"),
              Namespace.newBuilder()
                  .setMetadata(ObjectMeta.newBuilder().setName("default"))
                  .build(),
              WriteOptions.DEFAULT);
      List<Pod> named = new ArrayList<>();
      for (int i = 0; i < PODS; i++) {
        named.add(
            pod.toBuilder().setMetadata(pod.getMetadata().toBuilder().setName("p" + i)).build());
      }
      ResourceType<Pod> type = ResourceType.of(Pod.class);
      List<Pod> made = new ArrayList<>();
      long begun = THREADS.getCurrentThreadCpuTime();
      for (Pod each : named) {
        Target target = Target.of(type, "default", each.getMetadata().getName());
        made.add((Pod) registry.create(target, each, options).object());
      }
      long created = THREADS.getCurrentThreadCpuTime();
      for (Pod each : made) {
        Pod.Builder running = each.toBuilder();
        running.getStatusBuilder().setPhase("Running").setPodIP("10.0.0.1");
        Target target = Target.of(type, "default", each.getMetadata().getName()).part("status");
        Message _ = registry.update(target, running.build(), options).object();
      }
      long written = THREADS.getCurrentThreadCpuTime();
      return new Took(
          (created - begun) / 1e3 / PODS,
          (written - created) / 1e3 / PODS,
          made.stream().mapToInt(Pod::getSerializedSize).average().orElse(0));
    }
  }
}
