package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PodAttachOptions;
import io.coxswain.api.core.v1.PodExecOptions;
import io.coxswain.api.core.v1.PodPortForwardOptions;
import io.coxswain.controlplane.edge.Query;
import java.util.Optional;

/// How somebody connects to a pod, as its message tells it to webhooks and policies.
final class ConnectOptions {

  private ConnectOptions() {}

  /// @return nothing for a part that is only read
  static Optional<Message> of(String subresource, Query query) {
    return switch (subresource) {
      case "exec" ->
          Optional.of(
              PodExecOptions.newBuilder()
                  .setStdin(query.flag("stdin"))
                  .setStdout(query.flag("stdout"))
                  .setStderr(query.flag("stderr"))
                  .setTty(query.flag("tty"))
                  .setContainer(query.first("container"))
                  .addAllCommand(query.all("command"))
                  .build());
      case "attach" ->
          Optional.of(
              PodAttachOptions.newBuilder()
                  .setStdin(query.flag("stdin"))
                  .setStdout(query.flag("stdout"))
                  .setStderr(query.flag("stderr"))
                  .setTty(query.flag("tty"))
                  .setContainer(query.first("container"))
                  .build());
      case "portforward" -> {
        PodPortForwardOptions.Builder ports = PodPortForwardOptions.newBuilder();
        query.all("ports").stream()
            .filter(port -> port.matches("\\d{1,5}"))
            .forEach(port -> ports.addPorts(Integer.parseInt(port)));
        yield Optional.of(ports.build());
      }
      default -> Optional.empty();
    };
  }
}
