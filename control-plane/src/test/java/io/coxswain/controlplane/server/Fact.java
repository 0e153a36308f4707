package io.coxswain.controlplane.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;

/// One line of `resources-1.36.txt`: a resource of Kubernetes and what may be done with it.
///
/// @param groupVersion as `apps/v1`; of the core `v1`
/// @param name as `pods` or `pods/status`
/// @param kind as `autoscaling/v1/Scale`
public record Fact(
    String groupVersion, String name, boolean namespaced, String kind, List<String> verbs) {

  public Fact {
    verbs = List.copyOf(new TreeSet<>(verbs));
  }

  public static List<Fact> all() throws IOException {
    try (InputStream text = Fact.class.getResourceAsStream("resources-1.36.txt")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(Fact::parse)
          .toList();
    }
  }

  private static Fact parse(String line) {
    String[] words = line.split(" ", -1);
    return new Fact(
        words[0],
        words[1],
        words[2].equals("Namespaced"),
        words[3],
        List.of(words[4].split(",", -1)));
  }

  public String root() {
    return (groupVersion.equals("v1") ? "/api/" : "/apis/") + groupVersion;
  }

  public String resource() {
    return name.split("/", 2)[0];
  }

  /// Empty for the object itself.
  public String part() {
    return name.contains("/") ? name.split("/", 2)[1] : "";
  }

  @Override
  public String toString() {
    return groupVersion + " " + name;
  }
}
