package io.coxswain.controlplane.stream;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.edge.Query;
import io.coxswain.rpc.v1.ExecStream;
import io.coxswain.rpc.v1.LogStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Reads what a person asks of a pod's container from the query of the request.
final class PodRequests {

  private PodRequests() {}

  /// @throws ApiException with BadRequest or Invalid when it cannot be done
  static LogStream log(Pod pod, Query query) {
    LogStream.Builder log =
        LogStream.newBuilder()
            .setNamespace(pod.getMetadata().getNamespace())
            .setPod(pod.getMetadata().getName())
            .setUid(pod.getMetadata().getUid())
            .setContainer(container(pod, query.first("container")))
            .setFollow(query.flag("follow"))
            .setPrevious(query.flag("previous"))
            .setTimestamps(query.flag("timestamps"));
    if (query.has("tailLines")) {
      log.setTailLines(number(query, "tailLines", 0));
    }
    if (query.has("limitBytes")) {
      log.setLimitBytes(number(query, "limitBytes", 1));
    }
    if (query.has("sinceSeconds") && query.has("sinceTime")) {
      throw invalid(
          "sinceSeconds", "at most one of `sinceTime` or `sinceSeconds` may be specified");
    }
    if (query.has("sinceSeconds")) {
      since(log, Instant.now().minusSeconds(number(query, "sinceSeconds", 1)));
    }
    if (query.has("sinceTime")) {
      since(
          log,
          Times.parse(query.first("sinceTime"))
              .orElseThrow(() -> invalid("sinceTime", "must be a time as 2026-01-31T12:00:00Z")));
    }
    return log.build();
  }

  private static void since(LogStream.Builder log, Instant time) {
    log.setSinceSeconds(time.getEpochSecond()).setSinceNanos(time.getNano());
  }

  /// @param withCommand exec; otherwise attach
  static ExecStream exec(Pod pod, Query query, boolean withCommand) {
    boolean stdin = query.flag("stdin");
    boolean tty = query.flag("tty");
    boolean stdout = !query.has("stdout") || query.flag("stdout");
    boolean stderr = !tty && (!query.has("stderr") || query.flag("stderr"));
    if (!stdin && !stdout && !stderr) {
      throw new ApiException(
          new ApiError.BadRequest("you must specify at least one of stdin, stdout, stderr"));
    }
    List<String> command = query.all("command");
    if (withCommand && command.isEmpty()) {
      throw new ApiException(
          new ApiError.BadRequest("you must specify at least one command for the container"));
    }
    return ExecStream.newBuilder()
        .setNamespace(pod.getMetadata().getNamespace())
        .setPod(pod.getMetadata().getName())
        .setUid(pod.getMetadata().getUid())
        .setContainer(container(pod, query.first("container")))
        .addAllCommand(command)
        .setStdin(stdin)
        .setStdout(stdout)
        .setStderr(stderr)
        .setTty(tty)
        .build();
  }

  private static String container(Pod pod, String asked) {
    List<String> main = names(pod.getSpec().getContainersList());
    List<String> init = names(pod.getSpec().getInitContainersList());
    List<String> ephemeral =
        pod.getSpec().getEphemeralContainersList().stream()
            .map(container -> container.getEphemeralContainerCommon().getName())
            .toList();
    String name = pod.getMetadata().getName();
    if (asked.isEmpty()) {
      if (main.size() == 1) {
        return main.getFirst();
      }
      String choice =
          "a container name must be specified for pod "
              + name
              + ", choose one of: ["
              + String.join(" ", main)
              + "]";
      throw new ApiException(
          new ApiError.BadRequest(
              init.isEmpty()
                  ? choice
                  : choice + " or one of the init containers: [" + String.join(" ", init) + "]"));
    }
    List<String> all = new ArrayList<>(main);
    all.addAll(init);
    all.addAll(ephemeral);
    if (!all.contains(asked)) {
      throw new ApiException(
          new ApiError.BadRequest("container " + asked + " is not valid for pod " + name));
    }
    return asked;
  }

  private static List<String> names(List<Container> containers) {
    return containers.stream().map(Container::getName).collect(Collectors.toList());
  }

  private static long number(Query query, String name, long least) {
    try {
      long value = Long.parseLong(query.first(name));
      if (value < least) {
        throw invalid(name, "must be greater than or equal to " + least);
      }
      return value;
    } catch (NumberFormatException e) {
      throw new ApiException(
          new ApiError.BadRequest("the query parameter " + name + " must be a whole number"), e);
    }
  }

  private static ApiException invalid(String field, String message) {
    return new ApiException(
        new ApiError.Invalid(
            "",
            "PodLogOptions",
            "",
            List.of(new ApiError.Cause("FieldValueInvalid", field, message)),
            "PodLogOptions \"\" is invalid: " + field + ": " + message));
  }
}
