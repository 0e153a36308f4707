package io.coxswain.node.plugin;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Locale;

/// What a plugin's refusal reads like: as Go's gRPC prints it, since that is what people who know
/// their vendor's plugin search for.
public final class RpcErrors {

  private RpcErrors() {}

  public static String text(StatusRuntimeException error) {
    Status status = error.getStatus();
    String said = status.getDescription() == null ? "" : status.getDescription();
    if (said.isEmpty() && status.getCause() != null) {
      said = String.valueOf(status.getCause().getMessage());
    }
    return "rpc error: code = %s desc = %s".formatted(name(status.getCode()), said);
  }

  private static String name(Status.Code code) {
    if (code == Status.Code.OK) {
      return "OK";
    }
    StringBuilder name = new StringBuilder();
    for (String word : code.name().split("_", -1)) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return name.toString().equals("Cancelled") ? "Canceled" : name.toString();
  }
}
