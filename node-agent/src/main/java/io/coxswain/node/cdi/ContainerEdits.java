package io.coxswain.node.cdi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What a container has for its devices beside what its pod says, in the words of the OCI runtime
/// specification.
///
/// @param environment `NAME=value`; takes the place of variables that are there
/// @param devices one in the place of another at the same path
/// @param mounts one in the place of another at the same path
/// @param groups of its first process, beside others
/// @param annotations of the container, as far as the runtime is concerned
public record ContainerEdits(
    List<String> environment,
    List<DeviceNode> devices,
    List<Mount> mounts,
    List<Hook> hooks,
    List<Long> groups,
    Map<String, String> annotations) {

  public static final ContainerEdits NONE =
      new ContainerEdits(List.of(), List.of(), List.of(), List.of(), List.of(), Map.of());

  /// A device file.
  ///
  /// @param path in the container
  /// @param type `c`, `b` or `p` (mknod(1))
  /// @param mode of the file; what the runtime thinks right when empty
  /// @param access what the control group lets the container do, of `rwm`
  public record DeviceNode(
      String path,
      String type,
      long major,
      long minor,
      OptionalInt mode,
      OptionalLong uid,
      OptionalLong gid,
      String access) {}

  /// @param source on the host
  /// @param target in the container
  public record Mount(String source, String target, String type, List<String> options) {
    public Mount {
      options = List.copyOf(options);
    }
  }

  /// A program that the runtime runs beside the container.
  ///
  /// @param stage as `createContainer`
  /// @param timeoutSeconds empty for none
  public record Hook(
      String stage,
      String path,
      List<String> arguments,
      List<String> environment,
      OptionalInt timeoutSeconds) {
    public Hook {
      arguments = List.copyOf(arguments);
      environment = List.copyOf(environment);
    }
  }

  public ContainerEdits {
    environment = List.copyOf(environment);
    devices = List.copyOf(devices);
    mounts = List.copyOf(mounts);
    hooks = List.copyOf(hooks);
    groups = List.copyOf(groups);
    annotations = Map.copyOf(annotations);
  }

  /// This, and then the other.
  public ContainerEdits plus(ContainerEdits other) {
    if (other.equals(NONE)) {
      return this;
    }
    Map<String, String> all = new LinkedHashMap<>(annotations);
    all.putAll(other.annotations);
    return new ContainerEdits(
        joined(environment, other.environment),
        joined(devices, other.devices),
        joined(mounts, other.mounts),
        joined(hooks, other.hooks),
        joined(groups, other.groups),
        all);
  }

  private static <T> List<T> joined(List<T> a, List<T> b) {
    List<T> joined = new ArrayList<>(a);
    joined.addAll(b);
    return joined;
  }
}
