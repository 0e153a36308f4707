package io.coxswain.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Draws volumes of every sort for one pod, and where its containers have them.
final class SoakVolumes {

  private final String shared;
  private final RandomGenerator random;
  private final List<Object> volumes = new ArrayList<>();
  private final List<Object> mounts = new ArrayList<>();

  SoakVolumes(String shared, RandomGenerator random) {
    this.shared = shared;
    this.random = random;
  }

  /// Each sort once.
  static SoakVolumes all(String shared) {
    SoakVolumes volumes =
        new SoakVolumes(
            shared,
            new RandomGenerator() {
              @Override
              public long nextLong() {
                return 0;
              }

              @Override
              public int nextInt(int bound) {
                return 0;
              }
            });
    volumes.draw(true);
    return volumes;
  }

  List<Object> volumes() {
    return volumes;
  }

  List<Object> mounts() {
    return mounts;
  }

  /// Each sort with its own chance.
  ///
  /// @param images whether volumes from images may be among them
  void draw(boolean images) {
    if (one(3)) {
      add("disk", "emptyDir", Map.of());
    }
    if (one(3)) {
      add("memory", "emptyDir", Map.of("medium", "Memory", "sizeLimit", "1Mi"));
    }
    if (one(3)) {
      add("config", "configMap", Map.of("name", "config"));
    }
    if (one(4)) {
      add("secret", "secret", Map.of("secretName", "secret"));
    }
    if (one(4)) {
      add("projected", "projected", Map.of("sources", sources()));
    }
    if (one(5)) {
      add("host", "hostPath", Map.of("path", shared, "type", "DirectoryOrCreate"));
    }
    if (one(4)) {
      parts();
    }
    if (one(6)) {
      add("claim", "ephemeral", Map.of("volumeClaimTemplate", Map.of("spec", claim())));
    }
    if (images && one(4)) {
      add("image", "image", Map.of("reference", SoakWorkloads.IMAGE, "pullPolicy", "IfNotPresent"));
    }
  }

  private boolean one(int of) {
    return random.nextInt(of) == 0;
  }

  private void add(String name, String sort, Map<String, Object> source) {
    volumes.add(Map.of("name", name, sort, source));
    mounts.add(Map.of("name", name, "mountPath", "/volumes/" + name));
  }

  /// Of a volume that has folders, and of one that has files.
  private void parts() {
    volumes.add(Map.of("name", "whole", "emptyDir", Map.of()));
    mounts.add(Map.of("name", "whole", "mountPath", "/volumes/part", "subPath", "a/b"));
    volumes.add(Map.of("name", "files", "configMap", Map.of("name", "config")));
    mounts.add(Map.of("name", "files", "mountPath", "/volumes/file", "subPath", "a"));
  }

  private static List<Object> sources() {
    return List.of(
        Map.of("configMap", Map.of("name", "config")),
        Map.of("secret", Map.of("name", "secret")),
        Map.of("serviceAccountToken", Map.of("path", "token", "expirationSeconds", 600)),
        Map.of(
            "downwardAPI",
            Map.of(
                "items",
                List.of(
                    Map.of("path", "name", "fieldRef", Map.of("fieldPath", "metadata.name"))))));
  }

  private static Map<String, Object> claim() {
    return Map.of(
        "accessModes",
        List.of("ReadWriteOnce"),
        "resources",
        Map.of("requests", Map.of("storage", "1Mi")));
  }
}
