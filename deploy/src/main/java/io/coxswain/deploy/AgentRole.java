package io.coxswain.deploy;

import io.coxswain.client.ApiClient;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.client.rpc.GrpcConnection;
import io.coxswain.client.rpc.GrpcTransport;
import io.coxswain.client.rpc.TransportClient;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.List;

/// A node's agent. At its first start it joins the cluster by token; from then on it has a
/// certificate of its own.
final class AgentRole {

  private AgentRole() {}

  static void run(List<String> arguments) throws InterruptedException {
    Flags flags = flags();
    Program.run(
        arguments,
        flags,
        lifecycle ->
            assemble(lifecycle, flags, NodeRole.Containers.ofMachine(NodeRole.Settings.of(flags))));
  }

  static Flags flags() {
    return NodeRole.Settings.declare(Places.declare(new Flags()))
        .value("server", "HOST:PORT", "", "the control plane's gRPC address")
        .value(
            "token-file",
            "FILE",
            "",
            "file with the token from `coxswain token` on the server, for joining");
  }

  /// Joins the cluster, and adds the agent's parts to a lifecycle that the caller starts.
  static void assemble(Lifecycle lifecycle, Flags flags, NodeRole.Containers containers)
      throws IOException, InterruptedException {
    Places places = Places.of(flags);
    NodeRole.Settings settings = NodeRole.Settings.of(flags);
    HostAndPort server = HostAndPort.parse(flags.required("server"));
    PrometheusMeterRegistry metrics = Figures.open(lifecycle);
    Enrollment enrollment =
        lifecycle.own(
            "enrollment",
            new Enrollment(
                server, settings.node(), new IdentityFiles(places.data().resolve("identity"))));
    ClientIdentity identity = enrollment.join(flags.text("token-file"));
    GrpcConnection connection =
        lifecycle.own("connection", GrpcConnection.open(server.host(), server.port(), identity));
    ApiClient client = new TransportClient(new GrpcTransport(connection));
    enrollment.renew(connection);
    NodeRole.assemble(
        lifecycle, places, settings, containers, client, connection.channel(), metrics);
  }
}
