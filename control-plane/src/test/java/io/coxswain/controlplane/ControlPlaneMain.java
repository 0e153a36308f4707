package io.coxswain.controlplane;

import io.coxswain.controlplane.storage.EtcdOptions;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Starts a control plane to try clients on: `ControlPlaneMain <folder> [etcd endpoint [port
/// [controllers]]]`. The folder then holds `admin.kubeconfig`. On a port of its own it has no
/// controllers unless `true` is said: nothing happens but what clients do.
final class ControlPlaneMain {

  private ControlPlaneMain() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    int port = args.length > 2 ? Integer.parseInt(args[2]) : 0;
    ControlPlaneOptions memory = ControlPlaneOptions.inMemory(folder);
    ControlPlaneOptions options =
        new ControlPlaneOptions(
            folder,
            args.length > 1 ? Optional.of(EtcdOptions.plain(args[1])) : Optional.empty(),
            port == 0
                ? memory.restAddresses()
                : List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
            memory.localSocket(),
            memory.grpcAddresses(),
            memory.advertiseAddresses(),
            memory.serviceRange(),
            memory.podRange(),
            memory.nodeMonitorGrace(),
            memory.encryption(),
            port == 0 || (args.length > 3 && Boolean.parseBoolean(args[3])),
            memory.serving());
    ControlPlane plane =
        ControlPlane.start(options, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    plane.writeKubeconfig(folder.resolve("admin.kubeconfig"));
    Runtime.getRuntime().addShutdownHook(new Thread(plane::close));
    System.out.println("ready at " + plane.url() + ", gRPC port " + plane.grpcPort());
    new CountDownLatch(1).await();
  }
}
