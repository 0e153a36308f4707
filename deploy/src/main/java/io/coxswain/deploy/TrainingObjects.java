package io.coxswain.deploy;

/// The objects of [TrainingLoad], as JSON.
final class TrainingObjects {

  private TrainingObjects() {}

  /// A pod of ordinary size that no scheduler takes.
  static String idlePod(String name) {
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%1$s","labels":{"app":"load","tier":"web"},
    "annotations":{"example.com/owner":"training"}},"spec":{"schedulerName":"nobody","restartPolicy":"Always",
    "tolerations":[{"key":"a","operator":"Exists","effect":"NoSchedule"}],
    "containers":[{"name":"main","image":"registry.example/app:1","command":["/bin/app"],"args":["--name","%1$s"],
    "env":[{"name":"A","value":"b"},{"name":"POD","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
    "ports":[{"name":"http","containerPort":8080}],
    "resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"cpu":"500m","memory":"256Mi"}},
    "readinessProbe":{"httpGet":{"path":"/","port":"http"},"periodSeconds":5},
    "volumeMounts":[{"name":"v","mountPath":"/v"}]}],"volumes":[{"name":"v","emptyDir":{}}]}}
    """
        .formatted(name);
  }

  static String configMap(String name, int number) {
    return """
    {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","labels":{"app":"load"}},
    "data":{"number":"%d","text":"some text that is a little longer than the number"}}
    """
        .formatted(name, number);
  }

  static String secret(String name) {
    return """
    {"apiVersion":"v1","kind":"Secret","metadata":{"name":"%s"},"stringData":{"word":"secret"}}
    """
        .formatted(name);
  }

  static String lease(String name) {
    return """
    {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%1$s"},
    "spec":{"holderIdentity":"%1$s","leaseDurationSeconds":10,"renewTime":"2026-01-01T00:00:00.000000Z"}}
    """
        .formatted(name);
  }

  static String event(String name) {
    return """
    {"apiVersion":"v1","kind":"Event","metadata":{"name":"%1$s","namespace":"default"},"type":"Normal","reason":"Trained",
    "message":"it was trained","involvedObject":{"apiVersion":"v1","kind":"Pod","namespace":"default","name":"%1$s"},
    "source":{"component":"training"},"firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z","count":1}
    """
        .formatted(name);
  }

  static String service(String app) {
    return """
    {"apiVersion":"v1","kind":"Service","metadata":{"name":"%1$s"},"spec":{"type":"NodePort","selector":{"app":"%1$s"},
    "ports":[{"name":"http","port":80,"targetPort":8080},{"name":"names","port":53,"protocol":"UDP","targetPort":53}]}}
    """
        .formatted(app);
  }

  /// A pod of the machine's own system, with configuration and probes.
  static String ownPod(String name) {
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%1$s"},"spec":%2$s}
    """
        .formatted(name, podSpec("/"));
  }

  /// @param folder the image: a folder of the machine
  static String deployment(String name, String folder, int replicas) {
    String spec =
        name.equals("plain")
            ? """
            {"terminationGracePeriodSeconds":0,"containers":[{"name":"main","image":"host://%s","command":["sleep","100000"]}]}
            """
                .formatted(folder)
            : podSpec(folder);
    return """
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"%1$s"},"spec":{"replicas":%2$d,
    "selector":{"matchLabels":{"app":"%1$s"}},"template":{"metadata":{"labels":{"app":"%1$s"}},"spec":%3$s}}}
    """
        .formatted(name, replicas, spec);
  }

  private static String podSpec(String folder) {
    return """
    {"terminationGracePeriodSeconds":0,
    "containers":[{"name":"main","image":"host://%s","command":["sleep","100000"],"workingDir":"/tmp",
    "env":[{"name":"A","value":"$(POD) b"},{"name":"POD","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
    {"name":"N","valueFrom":{"configMapKeyRef":{"name":"c","key":"number"}}}],
    "ports":[{"name":"http","containerPort":8080}],
    "resources":{"requests":{"cpu":"1m","memory":"1Mi"},"limits":{"memory":"64Mi"}},
    "readinessProbe":{"exec":{"command":["true"]},"periodSeconds":1},
    "livenessProbe":{"tcpSocket":{"host":"127.0.0.1","port":16443},"periodSeconds":1},
    "startupProbe":{"httpGet":{"host":"127.0.0.1","port":10250,"path":"/healthz"},"periodSeconds":1,"failureThreshold":2},
    "volumeMounts":[{"name":"c","mountPath":"/c"},{"name":"s","mountPath":"/s"},{"name":"d","mountPath":"/d"},{"name":"e","mountPath":"/e"}]}],
    "volumes":[{"name":"c","configMap":{"name":"c"}},{"name":"s","secret":{"secretName":"s"}},{"name":"e","emptyDir":{}},
    {"name":"d","downwardAPI":{"items":[{"path":"labels","fieldRef":{"fieldPath":"metadata.labels"}}]}}]}
    """
        .formatted(folder);
  }
}
