package io.coxswain.node.podworker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/// What the pod workers count. Names are the kubelet's where it has one.
public final class AgentMetrics {

  final Timer podStart;
  final Timer containerStart;
  final Timer imagePull;
  final Counter startFailures;
  final Counter restarts;

  public AgentMetrics(MeterRegistry registry) {
    podStart =
        Timer.builder("kubelet.pod.start")
            .description("From hearing of a pod until all its containers run")
            .register(registry);
    containerStart =
        Timer.builder("coxswain.node.container.start")
            .description("Making and starting one container")
            .register(registry);
    imagePull =
        Timer.builder("coxswain.node.image.pull")
            .description("Until an image is on the node")
            .register(registry);
    startFailures =
        Counter.builder("kubelet.started.containers.errors")
            .description("Containers that could not be started")
            .register(registry);
    restarts =
        Counter.builder("coxswain.node.container.restarts")
            .description("Containers that were started again")
            .register(registry);
  }
}
