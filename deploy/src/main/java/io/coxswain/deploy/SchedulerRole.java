package io.coxswain.deploy;

import io.coxswain.client.ApiClient;
import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.client.rpc.GrpcConnection;
import io.coxswain.client.rpc.GrpcTransport;
import io.coxswain.client.rpc.TransportClient;
import io.coxswain.scheduler.Scheduler;
import io.coxswain.scheduler.SchedulerOptions;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.util.List;

/// A scheduler of its own, beside others of which one leads.
final class SchedulerRole {

  private SchedulerRole() {}

  static void run(List<String> arguments) throws InterruptedException {
    Flags flags =
        Places.declare(new Flags())
            .value("server", "HOST:PORT", "127.0.0.1:6444", "the control plane's gRPC address")
            .value("ca", "FILE", "", "the cluster's authority")
            .value("cert", "FILE", "", "certificate of system:kube-scheduler")
            .value("key", "FILE", "", "its key")
            .value(
                "identity",
                "NAME",
                "",
                "unique among schedulers; the machine's name when not given");
    if (Program.asksForHelp(arguments, flags)) {
      return;
    }
    flags.parse(arguments);
    HostAndPort server = HostAndPort.parse(flags.text("server"));
    ClientIdentity identity =
        new ClientIdentity(
            Path.of(flags.required("ca")),
            Path.of(flags.required("cert")),
            Path.of(flags.required("key")));
    Program.run(lifecycle -> {
      GrpcConnection connection =
          lifecycle.own("connection", GrpcConnection.open(server.host(), server.port(), identity));
      ApiClient client = new TransportClient(new GrpcTransport(connection));
      Scheduler scheduler =
          new Scheduler(
              client,
              SchedulerOptions.alone(flags.find("identity").orElseGet(Addresses::hostName))
                  .elected(),
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
      lifecycle.add("scheduler", scheduler::start, scheduler);
    });
  }
}
