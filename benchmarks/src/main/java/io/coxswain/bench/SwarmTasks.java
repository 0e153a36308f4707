package io.coxswain.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A Swarm service that is scaled; each task says itself since when it runs.
final class SwarmTasks implements Contender {

  private static final String SERVICE =
      """
      {"Name": "bench",
       "TaskTemplate": {"ContainerSpec":
         {"Image": "IMAGE", "Command": ["/bin/sleep", "100000"], "StopSignal": "SIGKILL"}},
       "Mode": {"Replicated": {"Replicas": 0}}}
      """;

  private final DockerEngine engine;

  SwarmTasks(DockerEngine engine) throws IOException {
    this.engine = engine;
    if (service().isEmpty()) {
      Optional<JsonNode> _ =
          engine.call("POST", "/services/create", SERVICE.replace("IMAGE", DockerEngine.IMAGE));
    }
  }

  private Optional<JsonNode> service() throws IOException {
    return engine.call("GET", "/services/bench", "");
  }

  @Override
  public String name() {
    return "Docker Swarm, service";
  }

  @Override
  public Round start(int containers) throws IOException, InterruptedException {
    double cpu = cpuSeconds();
    Instant begin = Instant.now();
    scale(containers);
    List<Double> seconds = new ArrayList<>();
    engine.until(
        "runs " + containers,
        () -> {
          seconds.clear();
          for (JsonNode task : engine.call("GET", "/tasks", "").orElseThrow()) {
            JsonNode status = task.path("Status");
            if (status.path("State").asString("").equals("running")) {
              Instant since = Instant.parse(status.path("Timestamp").asString(""));
              seconds.add(Duration.between(begin, since).toNanos() / 1e9);
            }
          }
          return seconds.size() == containers;
        });
    return new Round(seconds, cpuSeconds() - cpu);
  }

  private void scale(int replicas) throws IOException {
    JsonNode service = service().orElseThrow(() -> new IOException("docker: no service"));
    ObjectNode spec = (ObjectNode) service.path("Spec");
    ((ObjectNode) spec.path("Mode").path("Replicated")).put("Replicas", replicas);
    Optional<JsonNode> _ =
        engine.call(
            "POST",
            "/services/%s/update?version=%d"
                .formatted(
                    service.path("ID").asString(""),
                    service.path("Version").path("Index").asLong(0)),
            spec.toString());
  }

  private double cpuSeconds() throws IOException {
    return engine.programs().cpuSeconds() + engine.containers().cpuSeconds();
  }

  @Override
  public void clear() throws IOException, InterruptedException {
    scale(0);
    engine.until(
        "has no container",
        () -> engine.call("GET", "/containers/json?all=1", "").orElseThrow().isEmpty());
  }

  @Override
  public void close() throws IOException {
    try {
      clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ending it", e);
    }
  }
}
