package io.coxswain.deploy;

import io.coxswain.controlplane.ControlPlane;
import io.coxswain.controlplane.ControlPlaneOptions;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the build runs once while the JVM records which classes it loads: a server whose store is
/// in memory, on a free port of loopback, which answers until its standard input ends. The start-up
/// cache is made of what it saw.
public final class Training {

  private Training() {}

  /// @param arguments a folder, which gets `admin.kubeconfig` and, when requests are answered,
  ///   `ready`
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]);
    try (ControlPlane plane =
        ControlPlane.start(
            ControlPlaneOptions.inMemory(folder).withLocalSocket(folder.resolve("admin/api.sock")),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
      plane.writeKubeconfig(folder.resolve("admin.kubeconfig"));
      Files.createFile(folder.resolve("ready"));
      while (System.in.read() >= 0) {
        // whatever is said, only the end counts
      }
    }
    System.exit(0);
  }
}
