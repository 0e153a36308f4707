package io.coxswain.controlplane.admission.plugin;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Quantities;
import io.coxswain.controlplane.quota.Amounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A running pod does not come to ask for more than its node could ever give: its node would only
/// say so later.
final class PodResizes implements AdmissionPlugin {

  private static final String OS = "kubernetes.io/os";

  @Override
  public Set<String> kinds() {
    return Set.of("pods");
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    Pod pod = (Pod) request.object();
    String name = pod.getSpec().getNodeName();
    boolean changed =
        request
            .before()
            .filter(before ->
                ((Pod) before).getMetadata().getGeneration() != pod.getMetadata().getGeneration())
            .isPresent();
    if (!request.subresource().equals("resize") || name.isEmpty() || !changed) {
      return;
    }
    Optional<Node> found =
        objects.find(Node.class, "", name).or(() -> objects.latest(Node.class, "", name));
    if (found.isEmpty()) {
      throw request.forbidden("node \"" + name + "\" not found");
    }
    Node node = found.get();
    String system = node.getMetadata().getLabelsOrDefault(OS, "linux");
    if (!system.equals("linux")) {
      throw refusal(
          request,
          "UnsupportedPlatform",
          "pod resize is only supported on linux nodes, node \"%s\" is \"%s\""
              .formatted(name, system));
    }
    List<String> lacks = lacking(pod, node.getStatus().getAllocatableMap());
    if (!lacks.isEmpty()) {
      throw refusal(
          request,
          "NodeCapacity",
          "node didn't have enough allocatable resources: " + String.join("; ", lacks));
    }
  }

  private static List<String> lacking(Pod pod, Map<String, Quantity> allocatable) {
    Map<String, Quantity> wanted = Amounts.requests(pod.getSpec());
    Amounts.add(wanted, pod.getSpec().getOverheadMap());
    List<String> lacks = new ArrayList<>();
    long cpu = Quantities.milli(wanted.getOrDefault("cpu", Quantities.ZERO));
    long hasCpu = Quantities.milli(allocatable.getOrDefault("cpu", Quantities.ZERO));
    if (cpu > hasCpu) {
      lacks.add("cpu, requested: %d, allocatable: %d".formatted(cpu, hasCpu));
    }
    long memory = Quantities.whole(wanted.getOrDefault("memory", Quantities.ZERO));
    long hasMemory = Quantities.whole(allocatable.getOrDefault("memory", Quantities.ZERO));
    if (memory > hasMemory) {
      lacks.add("memory, requested: %d, allocatable: %d".formatted(memory, hasMemory));
    }
    return lacks;
  }

  private static ApiException refusal(AdmissionRequest request, String cause, String why) {
    return request.forbidden(why, List.of(new ApiError.Cause(cause, "", "")));
  }
}
