package io.coxswain.e2e;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// The steps of a soak with their weights, and how each is done. A step that finds nothing to do
/// says nothing; one that is refused, as by a server that is being killed, says so and is done.
final class SoakSteps {

  private static final int DEPLOYMENTS = 5;
  private static final int PODS = 9;

  private final SoakCluster soak;
  private final SoakWorkloads workloads;
  private final SoakLog log;
  private final KubernetesClient client;
  private final List<Step> calm;
  private final List<Step> stormy = new ArrayList<>();
  private final Map<String, Integer> done = new TreeMap<>();
  private String namespace = "default";
  private int number;

  /// @param act what was done, for the log; empty where there was nothing to do it to
  private record Step(String name, int weight, Function<RandomGenerator, String> act) {}

  SoakSteps(SoakCluster soak, SoakWorkloads workloads, SoakFaults faults, SoakLog log) {
    this.soak = soak;
    this.workloads = workloads;
    this.log = log;
    this.client = soak.client();
    this.calm =
        List.of(
            new Step("create pod", 10, this::createPod),
            new Step("create brief pod", 4, this::createBrief),
            new Step("create pod that takes too much disk", 1, this::createGreedy),
            new Step("create deployment", 8, this::createDeployment),
            new Step("create pod with claim", 3, this::createClaim),
            new Step("create job, set or daemon set", 2, this::createOther),
            new Step("delete pod", 8, this::deletePod),
            new Step("delete deployment", 4, this::deleteDeployment),
            new Step("scale", 6, this::scale),
            new Step("roll out", 4, this::rollOut),
            new Step("change config", 3, this::changeConfig),
            new Step("drop exec", 2, random -> drop(random, "exec", "--", "sleep", "300")),
            new Step("drop logs", 2, random -> drop(random, "logs", "-f")),
            new Step("drop port-forward", 2, random -> drop(random, "port-forward", "18080:8080")),
            new Step("add container", 2, this::debug),
            new Step("kill container", 4, faults::killContainer));
    stormy.addAll(calm);
    stormy.addAll(
        List.of(
            new Step("kill monitor", 3, faults::killMonitor),
            new Step("kill agent", 6, random -> faults.killPart(any(random, soak.nodes()))),
            new Step("kill server", 2, random -> faults.killPart("server")),
            new Step("kill etcd", 2, random -> faults.killPart("etcd")),
            new Step(
                "kill supervisor", 1, random -> faults.killSupervisor(any(random, soak.parts()))),
            new Step("power off", 1, faults::powerOff),
            new Step("cut off", 3, random -> faults.cut(random, seconds(random, 2, 7))),
            new Step("cut off long", 1, random -> faults.cut(random, seconds(random, 22, 35))),
            new Step(
                "fill disk", 2, random -> faults.fill(random, 20 << 20, seconds(random, 15, 30))),
            new Step(
                "fill disk to the end",
                1,
                random -> faults.fill(random, 0, seconds(random, 5, 12)))));
  }

  private static Duration seconds(RandomGenerator random, int least, int most) {
    return Duration.ofSeconds(random.nextInt(least, most + 1));
  }

  private static String any(RandomGenerator random, List<String> all) {
    return all.get(random.nextInt(all.size()));
  }

  /// How often each was done.
  Map<String, Integer> done() {
    return done;
  }

  void begin(String name) throws IOException {
    namespace = name;
    soak.cluster().kubectl("create", "namespace", name).succeeded();
    // the account comes a moment after its namespace, and pods need it
    soak.cluster()
        .kubectl("-n", name, "wait", "--for=create", "serviceaccount/default", "--timeout=30s")
        .succeeded();
    for (Map<String, Object> object : workloads.basics()) {
      create(object);
    }
  }

  /// Each step that ends no part, and each sort of pod on each node, so that whatever is made once
  /// and kept is there.
  void warmUp(RandomGenerator random) {
    for (String node : soak.nodes()) {
      create(workloads.everything("everything-" + node, node));
      create(workloads.nothing("nothing-" + node, node));
    }
    soak.cluster()
        .kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod", "--all", "--timeout=50s")
        .succeeded();
    for (Step step : calm) {
      take(step, random);
      take(step, random);
    }
  }

  void step(RandomGenerator random, boolean storm) {
    List<Step> steps = storm ? stormy : calm;
    int drawn = random.nextInt(steps.stream().mapToInt(Step::weight).sum());
    for (Step step : steps) {
      drawn -= step.weight();
      if (drawn < 0) {
        take(step, random);
        return;
      }
    }
  }

  private void take(Step step, RandomGenerator random) {
    number++;
    try {
      String said = step.act().apply(random);
      if (!said.isEmpty()) {
        done.merge(step.name(), 1, Integer::sum);
        log.say("#%d %s: %s", number, step.name(), said);
      }
    } catch (KubernetesClientException e) {
      done.merge("(refused)", 1, Integer::sum);
      String why = String.valueOf(e.getMessage());
      log.say(
          "#%d %s: refused: %s",
          number, step.name(), why.substring(0, Math.min(300, why.length())));
    }
  }

  private String create(Map<String, Object> object) {
    String text = client.getKubernetesSerialization().asJson(object);
    HasMetadata made = client.resource(text).inNamespace(namespace).create();
    return made.getKind() + " " + made.getMetadata().getName();
  }

  private List<Pod> pods() {
    return client.pods().inNamespace(namespace).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private List<Deployment> deployments() {
    return client.apps().deployments().inNamespace(namespace).list().getItems();
  }

  private static <T> Optional<T> one(RandomGenerator random, List<T> all) {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
  }

  private boolean crowded() {
    return pods().stream().filter(pod -> pod.getMetadata().getOwnerReferences().isEmpty()).count()
        >= PODS;
  }

  private String createPod(RandomGenerator random) {
    return crowded() ? "" : create(workloads.pod("pod-" + number, random));
  }

  private String createBrief(RandomGenerator random) {
    return crowded() ? "" : create(workloads.brief("brief-" + number, random));
  }

  private String createGreedy(RandomGenerator random) {
    return crowded() ? "" : create(workloads.greedy("greedy-" + number, random));
  }

  private String createDeployment(RandomGenerator random) {
    if (deployments().size() >= DEPLOYMENTS) {
      return "";
    }
    String name = "deployment-" + number;
    String made = create(workloads.deployment(name, random));
    if (random.nextInt(2) == 0) {
      made += ", " + create(workloads.service("service-" + number, name, random));
    }
    return made;
  }

  private String createClaim(RandomGenerator random) {
    if (crowded()) {
      return "";
    }
    String claim = "claim-" + number;
    return create(workloads.claim(claim))
        + ", "
        + create(workloads.podWithClaim("claiming-" + number, claim));
  }

  private String createOther(RandomGenerator random) {
    return switch (random.nextInt(3)) {
      case 0 -> create(workloads.job("job-" + number, random));
      case 1 -> create(workloads.statefulSet("set-" + number, random));
      default -> create(workloads.daemonSet("daemons-" + number, random));
    };
  }

  private String deletePod(RandomGenerator random) {
    return one(random, pods())
        .map(pod -> {
          int grace = random.nextInt(4) - 1;
          var resource = client.resource(pod);
          if (grace < 0) {
            resource.delete();
          } else {
            resource.withGracePeriod(grace).delete();
          }
          return "%s, grace %s"
              .formatted(pod.getMetadata().getName(), grace < 0 ? "its own" : grace);
        })
        .orElse("");
  }

  private String deleteDeployment(RandomGenerator random) {
    return one(random, deployments())
        .map(deployment -> {
          client.resource(deployment).delete();
          return deployment.getMetadata().getName();
        })
        .orElse("");
  }

  private String scale(RandomGenerator random) {
    return one(random, deployments())
        .map(deployment -> {
          int replicas = random.nextInt(5);
          client.resource(deployment).scale(replicas);
          return deployment.getMetadata().getName() + " to " + replicas;
        })
        .orElse("");
  }

  private String rollOut(RandomGenerator random) {
    return one(random, deployments())
        .map(deployment -> {
          client
              .resource(deployment)
              .patch(
                  PatchContext.of(PatchType.STRATEGIC_MERGE),
                  """
                  {"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"SOAK_ROUND","value":"%d"}]}]}}}}
                  """
                      .formatted(number));
          return deployment.getMetadata().getName();
        })
        .orElse("");
  }

  private String changeConfig(RandomGenerator random) {
    String name = random.nextInt(2) == 0 ? "ConfigMap" : "Secret";
    String patch =
        name.equals("Secret")
            ? "{\"stringData\":{\"key\":\"%d\"}}".formatted(number)
            : "{\"data\":{\"a\":\"%d\"}}".formatted(number);
    PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);
    if (name.equals("Secret")) {
      client.secrets().inNamespace(namespace).withName("secret").patch(merge, patch);
    } else {
      client.configMaps().inNamespace(namespace).withName("config").patch(merge, patch);
    }
    return name;
  }

  private Optional<Pod> running(RandomGenerator random) {
    return one(
        random,
        pods().stream().filter(pod -> "Running".equals(pod.getStatus().getPhase())).toList());
  }

  /// A client that is killed in the middle of a stream.
  private String drop(RandomGenerator random, String command, String... more) {
    Optional<Pod> found = running(random);
    if (found.isEmpty()) {
      return "";
    }
    String pod = found.get().getMetadata().getName();
    List<String> arguments = new ArrayList<>(List.of("-n", namespace, command, pod));
    arguments.addAll(Arrays.asList(more));
    Path output = soak.cluster().root().resolve("streams.log");
    try {
      Process process =
          soak.cluster().background(output, "kubectl-lite", arguments.toArray(String[]::new));
      LockSupport.parkNanos(Duration.ofMillis(random.nextInt(300, 2500)).toNanos());
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    } catch (IOException e) {
      throw new IllegalStateException("starting kubectl-lite " + command, e);
    }
    return pod;
  }

  private String debug(RandomGenerator random) {
    Optional<Pod> found = running(random);
    if (found.isEmpty()) {
      return "";
    }
    String pod = found.get().getMetadata().getName();
    Command.Result result =
        soak.cluster()
            .kubectl(
                "-n",
                namespace,
                "debug",
                pod,
                "--image=host:///",
                "--container=added-" + number,
                "--env=" + workloads.mark(),
                "--",
                "sleep",
                Integer.toString(random.nextInt(1, 20)));
    return pod + (result.code() == 0 ? "" : ": " + result.all().strip());
  }
}
