package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.NodeProxyOptions;
import io.coxswain.api.core.v1.PodAttachOptions;
import io.coxswain.api.core.v1.PodExecOptions;
import io.coxswain.api.core.v1.PodPortForwardOptions;
import io.coxswain.api.core.v1.PodProxyOptions;
import io.coxswain.api.core.v1.ServiceProxyOptions;
import io.coxswain.controlplane.edge.Query;
import io.coxswain.schema.ResourceType;
import java.util.Optional;

/// How somebody connects to a pod, as its message tells it to webhooks and policies.
final class ConnectOptions {

  private ConnectOptions() {}

  /// @param path behind `proxy`
  static Message ofProxy(ResourceType<?> type, String path) {
    String asked = path.isEmpty() ? "/" : path;
    return switch (type.singular()) {
      case "pod" -> PodProxyOptions.newBuilder().setPath(asked).build();
      case "service" -> ServiceProxyOptions.newBuilder().setPath(asked).build();
      default -> NodeProxyOptions.newBuilder().setPath(asked).build();
    };
  }

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
