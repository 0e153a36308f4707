package io.coxswain.node.status;

import io.coxswain.api.core.v1.ContainerImage;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.NodeAddress;
import io.coxswain.api.core.v1.NodeCondition;
import io.coxswain.api.core.v1.NodeRuntimeHandler;
import io.coxswain.api.core.v1.NodeStatus;
import io.coxswain.api.core.v1.NodeSystemInfo;
import io.coxswain.api.core.v1.Taint;
import io.coxswain.client.codec.Times;
import io.coxswain.node.host.Machine;
import io.coxswain.node.image.PulledImage;
import io.coxswain.node.pressure.NodePressure;
import io.coxswain.node.runtime.RuntimeHandler;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The node as an object of the API: functions of the machine and the options.
final class NodeReport {

  private static final int MOST_IMAGES = 50;
  private static final int AGENT_PORT = 10250;

  private NodeReport() {}

  /// What is written once, when the node is new.
  static Node registration(NodeOptions options, Machine machine) {
    Node.Builder node = Node.newBuilder();
    node.getMetadataBuilder()
        .setName(options.name())
        .putAllLabels(labels(options, machine))
        .putAllAnnotations(options.annotations());
    for (String text : options.taints()) {
      int effect = text.lastIndexOf(':');
      String pair = effect < 0 ? text : text.substring(0, effect);
      String[] parts = pair.split("=", 2);
      node.getSpecBuilder()
          .addTaints(
              Taint.newBuilder()
                  .setKey(parts[0])
                  .setValue(parts.length > 1 ? parts[1] : "")
                  .setEffect(effect < 0 ? "NoSchedule" : text.substring(effect + 1)));
    }
    return node.build();
  }

  static Map<String, String> labels(NodeOptions options, Machine machine) {
    Map<String, String> labels = new LinkedHashMap<>(options.labels());
    labels.put("kubernetes.io/hostname", options.name());
    labels.put("kubernetes.io/os", "linux");
    labels.put("kubernetes.io/arch", machine.architecture());
    return labels;
  }

  /// @param resources what the node has
  /// @param handlers runtimes that RuntimeClasses may choose
  /// @param unready why no pod can run here; empty when they can
  /// @param pressures what the node is short of
  static NodeStatus status(
      NodeOptions options,
      Machine machine,
      NodeResources resources,
      NodeStatus before,
      String runtime,
      List<RuntimeHandler> handlers,
      List<PulledImage> images,
      String unready,
      Set<NodePressure> pressures,
      Instant now) {
    NodeStatus.Builder status = before.toBuilder();
    status.clearCapacity().putAllCapacity(resources.capacities());
    status.clearAllocatable().putAllAllocatable(resources.allocatables());
    status.clearAddresses();
    for (InetAddress address : options.addresses()) {
      status.addAddresses(
          NodeAddress.newBuilder().setType("InternalIP").setAddress(address.getHostAddress()));
    }
    status.addAddresses(NodeAddress.newBuilder().setType("Hostname").setAddress(options.name()));
    status.setNodeInfo(
        NodeSystemInfo.newBuilder()
            .setMachineID(machine.machineId())
            .setSystemUUID(machine.systemUuid())
            .setBootID(machine.bootId())
            .setKernelVersion(machine.kernel())
            .setOsImage(machine.osImage())
            .setContainerRuntimeVersion(runtime)
            .setKubeletVersion(options.version())
            .setKubeProxyVersion(options.version())
            .setOperatingSystem("linux")
            .setArchitecture(machine.architecture()));
    // where a kubelet's is, and where the server's proxy answers for the agent
    status.getDaemonEndpointsBuilder().getKubeletEndpointBuilder().setPort(AGENT_PORT);
    status.clearRuntimeHandlers();
    for (RuntimeHandler handler : handlers) {
      NodeRuntimeHandler.Builder one = status.addRuntimeHandlersBuilder().setName(handler.name());
      one.getFeaturesBuilder()
          .setRecursiveReadOnlyMounts(handler.recursiveReadOnly())
          .setUserNamespaces(handler.userNamespaces());
    }
    status.getFeaturesBuilder().setSupplementalGroupsPolicy(true);
    status.clearImages();
    images.stream()
        .sorted(java.util.Comparator.comparingLong(PulledImage::sizeBytes).reversed())
        .limit(MOST_IMAGES)
        .forEach(image ->
            status.addImages(
                ContainerImage.newBuilder()
                    .addNames(image.reference())
                    .addNames(image.name())
                    .setSizeBytes(image.sizeBytes())));
    status.clearConditions().addAllConditions(conditions(before, unready, pressures, now));
    return status.build();
  }

  /// Whether the two say the same but for times.
  static boolean same(NodeStatus a, NodeStatus b) {
    return timeless(a).equals(timeless(b));
  }

  private static NodeStatus timeless(NodeStatus status) {
    NodeStatus.Builder builder = status.toBuilder().clearConditions();
    for (NodeCondition condition : status.getConditionsList()) {
      builder.addConditions(
          condition.toBuilder().clearLastHeartbeatTime().clearLastTransitionTime());
    }
    return builder.build();
  }

  private static List<NodeCondition> conditions(
      NodeStatus before, String unready, Set<NodePressure> pressures, Instant now) {
    List<NodeCondition> conditions = new ArrayList<>();
    for (NodePressure pressure : NodePressure.values()) {
      boolean isShort = pressures.contains(pressure);
      conditions.add(
          condition(
              before,
              pressure.condition(),
              isShort,
              pressure.reason(isShort),
              pressure.message(isShort),
              now));
    }
    boolean ready = unready.isEmpty();
    conditions.add(
        condition(
            before,
            "Ready",
            ready,
            ready ? "KubeletReady" : "KubeletNotReady",
            ready ? "the node agent runs pods" : unready,
            now));
    List<String> own = conditions.stream().map(NodeCondition::getType).toList();
    before.getConditionsList().stream()
        .filter(one -> !own.contains(one.getType()))
        .forEach(conditions::add);
    return conditions;
  }

  private static NodeCondition condition(
      NodeStatus before, String type, boolean is, String reason, String message, Instant now) {
    String value = is ? "True" : "False";
    NodeCondition.Builder condition =
        NodeCondition.newBuilder()
            .setType(type)
            .setStatus(value)
            .setReason(reason)
            .setMessage(message)
            .setLastHeartbeatTime(Times.time(now))
            .setLastTransitionTime(Times.time(now));
    for (NodeCondition last : before.getConditionsList()) {
      if (last.getType().equals(type) && last.getStatus().equals(value)) {
        condition.setLastTransitionTime(last.getLastTransitionTime());
      }
    }
    return condition.build();
  }
}
