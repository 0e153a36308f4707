package io.coxswain.e2e;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Draws objects of many shapes. Each container carries in its environment what it belongs to, so
/// that its processes can be told from all others on the machine, whatever became of the pod.
final class SoakWorkloads {

  /// Containers whose names begin so end by themselves, and restart as their pod says.
  static final String ENDS = "ends";

  /// The init container that comes to its end before the others begin.
  static final String FIRST = "first";

  /// To be loaded on the nodes. It has files, and no program that would be needed.
  static final String IMAGE = "soak.example/files:1";

  private static final String MARK = "SOAK_CLUSTER";
  private static final String STAYS = "exec sleep 1000000";
  private static final String ENDS_WELL = "trap 'exit 0' TERM; sleep 1000000 & wait";
  private static final String DEAF = "trap '' TERM; while :; do sleep 1000000; done";
  private static final String SERVES =
      "exec perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => 8080, Listen => 5,"
          + " ReuseAddr => 1) or die; while ($c = $s->accept) { $l = <$c>; print $c \"you said $l\";"
          + " close $c }'";

  private final String cluster;
  private final String shared;

  /// @param cluster its name, in every container's environment
  /// @param shared a folder of the machine, for volumes of the type hostPath
  SoakWorkloads(String cluster, String shared) {
    this.cluster = cluster;
    this.shared = shared;
  }

  /// In the environment of a process of this cluster's containers.
  String mark() {
    return MARK + "=" + cluster;
  }

  /// What the others refer to, made before them.
  List<Map<String, Object>> basics() {
    return List.of(
        object("v1", "ConfigMap", "config", Map.of("data", Map.of("a", "1", "b", "2"))),
        object("v1", "Secret", "secret", Map.of("stringData", Map.of("key", "hidden"))));
  }

  /// One on this node with all of what a node makes once and keeps.
  Map<String, Object> everything(String name, String node) {
    SoakVolumes volumes = SoakVolumes.all(shared);
    Map<String, Object> container = container("main", STAYS);
    container.put("volumeMounts", volumes.mounts());
    container.put("resources", Map.of("requests", Map.of("memory", "1Mi")));
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("nodeSelector", Map.of("kubernetes.io/hostname", node));
    spec.put("terminationGracePeriodSeconds", 1);
    spec.put("shareProcessNamespace", true);
    spec.put("containers", List.of(container));
    spec.put("volumes", volumes.volumes());
    return object("v1", "Pod", name, Map.of("spec", spec));
  }

  /// One on this node that asks for nothing.
  Map<String, Object> nothing(String name, String node) {
    return object(
        "v1",
        "Pod",
        name,
        Map.of(
            "spec",
            Map.of(
                "nodeSelector",
                Map.of("kubernetes.io/hostname", node),
                "terminationGracePeriodSeconds",
                1,
                "containers",
                List.of(container("main", STAYS)))));
  }

  Map<String, Object> pod(String name, RandomGenerator random) {
    return object("v1", "Pod", name, Map.of("spec", spec(random, true)));
  }

  /// One whose containers end, well or not.
  Map<String, Object> brief(String name, RandomGenerator random) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("restartPolicy", pick(random, "Never", "OnFailure", "Always"));
    spec.put("terminationGracePeriodSeconds", 1);
    spec.put(
        "containers",
        List.of(
            container(
                ENDS,
                "sleep %d; echo over; exit %d".formatted(random.nextInt(4), random.nextInt(2)))));
    return object("v1", "Pod", name, Map.of("spec", spec));
  }

  /// One that takes more of the disk than it may.
  Map<String, Object> greedy(String name, RandomGenerator random) {
    Map<String, Object> container =
        container("main", "head -c 4000000 /dev/zero > /data/x; " + STAYS);
    container.put("volumeMounts", List.of(mount("data", "/data")));
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("terminationGracePeriodSeconds", random.nextInt(3));
    spec.put("containers", List.of(container));
    spec.put("volumes", List.of(Map.of("name", "data", "emptyDir", Map.of("sizeLimit", "1Mi"))));
    return object("v1", "Pod", name, Map.of("spec", spec));
  }

  Map<String, Object> claim(String name) {
    return object(
        "v1",
        "PersistentVolumeClaim",
        name,
        Map.of(
            "spec",
            Map.of(
                "accessModes",
                List.of("ReadWriteOnce"),
                "resources",
                Map.of("requests", Map.of("storage", "1Mi")))));
  }

  Map<String, Object> podWithClaim(String name, String claim) {
    Map<String, Object> container = container("main", "date >> /data/log; " + STAYS);
    container.put("volumeMounts", List.of(mount("data", "/data")));
    return object(
        "v1",
        "Pod",
        name,
        Map.of(
            "spec",
            Map.of(
                "terminationGracePeriodSeconds",
                1,
                "containers",
                List.of(container),
                "volumes",
                List.of(
                    Map.of("name", "data", "persistentVolumeClaim", Map.of("claimName", claim))))));
  }

  Map<String, Object> service(String name, String app, RandomGenerator random) {
    return object(
        "v1",
        "Service",
        name,
        Map.of(
            "spec",
            Map.of(
                "type",
                pick(random, "ClusterIP", "NodePort"),
                "selector",
                Map.of("app", app),
                "ports",
                List.of(Map.of("port", 80, "targetPort", 8080)))));
  }

  Map<String, Object> deployment(String name, RandomGenerator random) {
    Map<String, Object> spec = controlled(name, random);
    spec.put("replicas", 1 + random.nextInt(3));
    return object("apps/v1", "Deployment", name, Map.of("spec", spec));
  }

  Map<String, Object> statefulSet(String name, RandomGenerator random) {
    Map<String, Object> spec = controlled(name, random);
    spec.put("replicas", 1 + random.nextInt(2));
    spec.put("serviceName", name);
    return object("apps/v1", "StatefulSet", name, Map.of("spec", spec));
  }

  Map<String, Object> daemonSet(String name, RandomGenerator random) {
    return object("apps/v1", "DaemonSet", name, Map.of("spec", controlled(name, random)));
  }

  Map<String, Object> job(String name, RandomGenerator random) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("restartPolicy", "Never");
    spec.put("containers", List.of(container(ENDS, "sleep " + random.nextInt(3))));
    return object(
        "batch/v1",
        "Job",
        name,
        Map.of("spec", Map.of("completions", 1, "template", Map.of("spec", spec))));
  }

  private Map<String, Object> controlled(String name, RandomGenerator random) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("selector", Map.of("matchLabels", Map.of("app", name)));
    spec.put(
        "template",
        Map.of("metadata", Map.of("labels", Map.of("app", name)), "spec", spec(random, false)));
    return spec;
  }

  /// @param alone whether one may have what only one pod can: a port of the node, an image that a
  ///   full disk takes away
  private Map<String, Object> spec(RandomGenerator random, boolean alone) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("terminationGracePeriodSeconds", random.nextInt(4));
    SoakVolumes volumes = new SoakVolumes(shared, random);
    volumes.draw(alone);
    Map<String, Object> main = container("main", script(random));
    main.put("volumeMounts", volumes.mounts());
    probes(main, random);
    hooks(main, random);
    if (random.nextInt(3) == 0) {
      main.put("resources", Map.of("limits", Map.of("memory", "64Mi", "cpu", "500m")));
    }
    List<Object> containers = new ArrayList<>(List.of(main));
    if (random.nextInt(3) == 0) {
      containers.add(container("second", ENDS_WELL));
    }
    if (random.nextInt(4) == 0) {
      Map<String, Object> serves = container("serves", SERVES);
      serves.put("readinessProbe", probe(Map.of("tcpSocket", Map.of("port", 8080))));
      if (alone && random.nextInt(2) == 0) {
        serves.put(
            "ports",
            List.of(Map.of("containerPort", 8080, "hostPort", 20_000 + random.nextInt(2_000))));
      }
      containers.add(serves);
    }
    spec.put("containers", containers);
    spec.put("initContainers", inits(random, volumes));
    spec.put("volumes", volumes.volumes());
    if (random.nextInt(6) == 0) {
      spec.put("shareProcessNamespace", true);
    }
    if (random.nextInt(5) == 0) {
      spec.put("securityContext", Map.of("runAsUser", 1000, "fsGroup", 2000));
    }
    if (random.nextInt(10) == 0 && containers.size() == 1) {
      spec.put("hostNetwork", true);
    }
    return spec;
  }

  private static String script(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> STAYS;
      case 1 -> DEAF;
      case 2 -> "while :; do echo $((n=n+1)); sleep 2; done";
      default -> ENDS_WELL;
    };
  }

  private List<Object> inits(RandomGenerator random, SoakVolumes volumes) {
    List<Object> inits = new ArrayList<>();
    if (random.nextInt(3) == 0) {
      Map<String, Object> first = container(FIRST, "echo made; cat /etc/hostname");
      first.put("volumeMounts", volumes.mounts());
      inits.add(first);
    }
    if (random.nextInt(5) == 0) {
      Map<String, Object> sidecar = container("sidecar", ENDS_WELL);
      sidecar.put("restartPolicy", "Always");
      inits.add(sidecar);
    }
    return inits;
  }

  private static void probes(Map<String, Object> container, RandomGenerator random) {
    Object exec = Map.of("exec", Map.of("command", List.of("true")));
    if (random.nextInt(3) == 0) {
      container.put("readinessProbe", probe(exec));
    }
    if (random.nextInt(5) == 0) {
      container.put("livenessProbe", probe(exec));
    }
    if (random.nextInt(6) == 0) {
      container.put("startupProbe", probe(exec));
    }
  }

  /// Patient: what is tried is not how quick a busy machine is.
  private static Map<String, Object> probe(Object how) {
    Map<String, Object> probe = new LinkedHashMap<>();
    ((Map<?, ?>) how).forEach((key, value) -> probe.put((String) key, value));
    probe.put("periodSeconds", 3);
    probe.put("timeoutSeconds", 20);
    probe.put("failureThreshold", 5);
    return probe;
  }

  private static void hooks(Map<String, Object> container, RandomGenerator random) {
    Map<String, Object> hooks = new LinkedHashMap<>();
    if (random.nextInt(5) == 0) {
      hooks.put("preStop", Map.of("exec", Map.of("command", List.of("sleep", "1"))));
    }
    if (random.nextInt(8) == 0) {
      hooks.put("postStart", Map.of("exec", Map.of("command", List.of("true"))));
    }
    if (!hooks.isEmpty()) {
      container.put("lifecycle", hooks);
    }
  }

  /// With a mark on all of its processes.
  private Map<String, Object> container(String name, String script) {
    Map<String, Object> container = new LinkedHashMap<>();
    container.put("name", name);
    container.put("image", "host:///");
    container.put("command", List.of("sh", "-c", script));
    container.put(
        "env",
        List.of(
            Map.of("name", MARK, "value", cluster),
            Map.of("name", "SOAK_CONTAINER", "value", name),
            Map.of(
                "name",
                "SOAK_POD",
                "valueFrom",
                Map.of("fieldRef", Map.of("fieldPath", "metadata.uid")))));
    return container;
  }

  private static Map<String, Object> mount(String volume, String path) {
    return Map.of("name", volume, "mountPath", path);
  }

  private static Map<String, Object> object(
      String version, String kind, String name, Map<String, Object> more) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("apiVersion", version);
    object.put("kind", kind);
    object.put("metadata", Map.of("name", name));
    object.putAll(more);
    return object;
  }

  static String pick(RandomGenerator random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
