package io.coxswain.deploy;

import io.coxswain.client.ApiClient;
import io.coxswain.client.lifecycle.HealthServer;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.client.rpc.GrpcConnection;
import io.coxswain.client.rpc.GrpcTransport;
import io.coxswain.client.rpc.TransportClient;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.scheduler.Scheduler;
import io.coxswain.scheduler.SchedulerOptions;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A scheduler of its own, beside others of which one leads.
final class SchedulerRole {

  private static final String USER = "system:kube-scheduler";
  private static final String CERTIFICATE = "scheduler";

  private SchedulerRole() {}

  /// Makes or renews, on the server, the certificate that a scheduler apart shows.
  static void writeCertificate(Pki pki) throws IOException {
    Credentials ignored = pki.client(CERTIFICATE, USER, USER);
  }

  static void run(List<String> arguments) throws InterruptedException {
    Flags flags = flags();
    Program.run(arguments, flags, lifecycle -> assemble(lifecycle, flags));
  }

  static Flags flags() {
    return Places.declare(new Flags())
        .value("server", "HOST:PORT", "127.0.0.1:6444", "the control plane's gRPC address")
        .value(
            "ca",
            "FILE",
            "",
            "the cluster's authority; the server's on this machine when not given")
        .value(
            "cert",
            "FILE",
            "",
            "certificate of system:kube-scheduler; the server makes one: pki/scheduler.crt")
        .value("key", "FILE", "", "its key; pki/scheduler.key when not given")
        .value("health-port", "P", "10259", "/healthz and /metrics on loopback; 0 for none")
        .value(
            "identity", "NAME", "", "unique among schedulers; the machine's name when not given");
  }

  /// Adds the scheduler's parts to a lifecycle that the caller starts.
  static void assemble(Lifecycle lifecycle, Flags flags) throws IOException {
    Path pki = Places.of(flags).pki();
    HostAndPort server = HostAndPort.parse(flags.text("server"));
    ClientIdentity identity =
        new ClientIdentity(
            flags.find("ca").map(Path::of).orElse(pki.resolve("ca.crt")),
            flags.find("cert").map(Path::of).orElse(pki.resolve(CERTIFICATE + ".crt")),
            flags.find("key").map(Path::of).orElse(pki.resolve(CERTIFICATE + ".key")));
    GrpcConnection connection =
        lifecycle.own("connection", GrpcConnection.open(server.host(), server.port(), identity));
    ApiClient client = new TransportClient(new GrpcTransport(connection));
    PrometheusMeterRegistry metrics = Figures.open(lifecycle);
    int port = flags.number("health-port", 0, 65535);
    if (port > 0) {
      HealthServer health = new HealthServer(port, metrics::scrape, () -> "");
      lifecycle.add("health", health::start, health);
    }
    Scheduler scheduler =
        new Scheduler(
            client,
            SchedulerOptions.alone(flags.find("identity").orElseGet(Addresses::hostName)).elected(),
            metrics);
    lifecycle.add("scheduler", scheduler::start, scheduler);
  }
}
