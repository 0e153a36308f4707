package io.coxswain.node.device;

import io.coxswain.node.cdi.CdiException;
import io.coxswain.node.cdi.CdiFolders;
import io.coxswain.node.cdi.ContainerEdits;
import io.coxswain.node.cdi.ContainerEdits.DeviceNode;
import io.coxswain.node.cdi.HostDevice;
import io.coxswain.node.runtime.BindMount;
import io.coxswain.plugin.device.CDIDevice;
import io.coxswain.plugin.device.ContainerAllocateResponse;
import io.coxswain.plugin.device.DeviceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// What one start of a container gets for its devices.
///
/// @param environment variables that the container's own take the place of
/// @param mounts beside its volumes
/// @param edits device files, and what CDI describes
public record ContainerDevices(
    Map<String, String> environment, List<BindMount> mounts, ContainerEdits edits) {

  public static final ContainerDevices NONE =
      new ContainerDevices(Map.of(), List.of(), ContainerEdits.NONE);

  /// Annotations by which plugins name CDI devices that know no field for it.
  private static final String CDI_ANNOTATIONS = "cdi.k8s.io/";

  public ContainerDevices {
    environment = Map.copyOf(environment);
    mounts = List.copyOf(mounts);
  }

  /// What plugins said, together: of two that say something of the same variable or path, the first
  /// one counts. Looks at the host's device files.
  static ContainerDevices of(Collection<ContainerAllocateResponse> responses, CdiFolders cdi)
      throws DeviceException {
    Map<String, String> environment = new LinkedHashMap<>();
    Map<String, BindMount> mounts = new LinkedHashMap<>();
    Map<String, DeviceSpec> files = new LinkedHashMap<>();
    Map<String, String> annotations = new LinkedHashMap<>();
    Set<String> names = new LinkedHashSet<>();
    for (ContainerAllocateResponse response : responses) {
      response.getEnvsMap().forEach(environment::putIfAbsent);
      response
          .getMountsList()
          .forEach(mount ->
              mounts.putIfAbsent(
                  mount.getContainerPath(),
                  new BindMount(
                      Path.of(mount.getHostPath()),
                      mount.getContainerPath(),
                      mount.getReadOnly(),
                      "rprivate")));
      response.getDevicesList().forEach(file -> files.putIfAbsent(file.getContainerPath(), file));
      response.getAnnotationsMap().forEach(annotations::putIfAbsent);
      response.getCdiDevicesList().stream().map(CDIDevice::getName).forEach(names::add);
    }
    annotations.forEach((key, value) -> {
      if (key.startsWith(CDI_ANNOTATIONS)) {
        names.addAll(List.of(value.split(",", -1)));
      }
    });
    List<DeviceNode> nodes = new ArrayList<>();
    for (DeviceSpec file : files.values()) {
      nodes.addAll(nodes(file));
    }
    ContainerEdits plain =
        new ContainerEdits(List.of(), nodes, List.of(), List.of(), List.of(), annotations);
    try {
      return new ContainerDevices(
          environment, List.copyOf(mounts.values()), plain.plus(cdi.edits(names)));
    } catch (CdiException e) {
      throw new DeviceException("CDI device injection failed: " + e.getMessage(), e);
    }
  }

  /// A folder stands for all device files in it.
  private static List<DeviceNode> nodes(DeviceSpec file) throws DeviceException {
    Path host = Path.of(file.getHostPath());
    List<DeviceNode> nodes = new ArrayList<>();
    try {
      if (!Files.isDirectory(host)) {
        return List.of(node(host, file.getContainerPath(), file.getPermissions()));
      }
      try (Stream<Path> all = Files.walk(host)) {
        for (Path one : all.filter(ContainerDevices::isDevice).sorted().toList()) {
          String target = Path.of(file.getContainerPath()).resolve(host.relativize(one)).toString();
          nodes.add(node(one, target, file.getPermissions()));
        }
      }
      return nodes;
    } catch (IOException e) {
      throw new DeviceException(
          "device %s of the host: %s".formatted(file.getHostPath(), e.getMessage()), e);
    }
  }

  private static boolean isDevice(Path file) {
    try {
      int mode =
          (int)
              Objects.requireNonNull(
                  Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS));
      int format = mode & 0xf000;
      return format == 0x2000 || format == 0x6000;
    } catch (IOException e) {
      return false;
    }
  }

  private static DeviceNode node(Path host, String target, String access) throws IOException {
    HostDevice device = HostDevice.read(host);
    return new DeviceNode(
        target,
        device.type(),
        device.major(),
        device.minor(),
        OptionalInt.of(device.mode()),
        OptionalLong.of(device.uid()),
        OptionalLong.of(device.gid()),
        access.isEmpty() ? "rwm" : access);
  }
}
