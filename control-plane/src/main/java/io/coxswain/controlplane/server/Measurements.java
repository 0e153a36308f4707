package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.Duration;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.api.metrics.v1beta1.ContainerMetrics;
import io.coxswain.api.metrics.v1beta1.NodeMetrics;
import io.coxswain.api.metrics.v1beta1.PodMetrics;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Quantities;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.registry.ListQuery;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.table.IncludeObject;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The kinds of `metrics.k8s.io`: what nodes and pods use, asked of the nodes when somebody wants
/// to know. Nothing of it is stored, and an object whose node does not answer is missing. The
/// labels are those of the node or pod, so that selectors choose by them.
final class Measurements {

  private static final ResourceType<Pod> PODS = ResourceType.of(Pod.class);
  private static final ResourceType<Node> NODES = ResourceType.of(Node.class);

  private final ApiPipeline pipeline;
  private final NodeStatistics statistics;

  Measurements(ApiPipeline pipeline, NodeStatistics statistics) {
    this.pipeline = pipeline;
    this.statistics = statistics;
  }

  /// Answers a get or list that is authorized.
  void handle(
      User user, RequestInfo request, ResourceType<?> type, RequestOptions options, Reply reply)
      throws IOException, InterruptedException {
    Negotiation form = Negotiation.of(reply.exchange().header("accept"));
    IncludeObject include = IncludeObject.of(options.get("includeObject"));
    if (request.verb().equals("get")) {
      reply.object(200, form, type, one(user, request, type), include);
      return;
    }
    ListQuery asked = options.list(type, request.namespace());
    Listing described =
        pipeline.listFor(
            new ListQuery(
                described(type),
                asked.namespace(),
                asked.labelSelector(),
                asked.fieldSelector(),
                "0",
                "",
                0,
                ""));
    List<Message> objects = described.items().stream().map(CachedObject::message).toList();
    List<CachedObject> measured =
        measured(objects).stream()
            .map(metrics -> CachedObject.unstored(ObjectMetas.key(metrics), metrics))
            .toList();
    reply.list(form, type, new Listing(measured, "", "", OptionalLong.empty()), include);
  }

  private static ResourceType<?> described(ResourceType<?> type) {
    return type.namespaced() ? PODS : NODES;
  }

  private Message one(User user, RequestInfo request, ResourceType<?> type)
      throws InterruptedException {
    Target target = Target.of(described(type), request.namespace(), request.name());
    List<Message> found;
    try {
      found = measured(List.of(pipeline.readFor(user, target).message()));
    } catch (ApiException e) {
      if (!(e.error() instanceof ApiError.NotFound)) {
        throw e;
      }
      found = List.of();
    }
    if (found.isEmpty()) {
      throw new ApiException(
          new ApiError.NotFound(
              type.group(),
              type.plural(),
              request.name(),
              "%s \"%s\" not found: it does not exist, does not run, or its node does not answer"
                  .formatted(type.qualifiedPlural(), request.name())));
    }
    return found.getFirst();
  }

  private List<Message> measured(List<Message> objects) throws InterruptedException {
    Set<String> nodes = new LinkedHashSet<>();
    for (Message object : objects) {
      String node =
          object instanceof Pod pod
              ? pod.getSpec().getNodeName()
              : ObjectMetas.read(object).getName();
      if (!node.isEmpty()) {
        nodes.add(node);
      }
    }
    Map<String, JsonNode> summaries = statistics.summaries(nodes);
    List<Message> measured = new ArrayList<>();
    for (Message object : objects) {
      Optional<? extends Message> metrics =
          object instanceof Pod pod
              ? pod(pod, summaries)
              : node(ObjectMetas.read(object), summaries);
      metrics.ifPresent(measured::add);
    }
    return measured;
  }

  private static Optional<NodeMetrics> node(ObjectMeta meta, Map<String, JsonNode> summaries) {
    JsonNode summary = summaries.get(meta.getName());
    if (summary == null) {
      return Optional.empty();
    }
    JsonNode own = summary.path("node");
    return Optional.of(
        NodeMetrics.newBuilder()
            .setMetadata(described(meta, own))
            .setTimestamp(timestamp(own))
            .setWindow(window(own))
            .putAllUsage(usage(own))
            .build());
  }

  private static Optional<PodMetrics> pod(Pod pod, Map<String, JsonNode> summaries) {
    JsonNode summary = summaries.get(pod.getSpec().getNodeName());
    if (summary == null) {
      return Optional.empty();
    }
    for (JsonNode each : summary.path("pods")) {
      boolean same =
          each.path("podRef").path("uid").asString("").equals(pod.getMetadata().getUid());
      if (same && !each.path("containers").isEmpty()) {
        return Optional.of(pod(pod.getMetadata(), each));
      }
    }
    return Optional.empty();
  }

  private static PodMetrics pod(ObjectMeta meta, JsonNode stats) {
    PodMetrics.Builder metrics =
        PodMetrics.newBuilder()
            .setMetadata(described(meta, stats))
            .setTimestamp(timestamp(stats))
            .setWindow(window(stats));
    for (JsonNode container : stats.path("containers")) {
      metrics.addContainers(
          ContainerMetrics.newBuilder()
              .setName(container.path("name").asString(""))
              .putAllUsage(usage(container)));
    }
    return metrics.build();
  }

  /// As the metrics of Kubernetes have it: made when it was measured.
  private static ObjectMeta described(ObjectMeta meta, JsonNode stats) {
    return ObjectMeta.newBuilder()
        .setName(meta.getName())
        .setNamespace(meta.getNamespace())
        .putAllLabels(meta.getLabelsMap())
        .setCreationTimestamp(timestamp(stats))
        .build();
  }

  private static Time timestamp(JsonNode stats) {
    Instant at = Instant.parse(stats.path("cpu").path("time").asString(Instant.EPOCH.toString()));
    return Time.newBuilder().setSeconds(at.getEpochSecond()).build();
  }

  private static Duration window(JsonNode stats) {
    long millis = stats.path("cpu").path("windowMillis").asLong(0);
    return Duration.newBuilder().setDuration(millis * 1_000_000).build();
  }

  private static Map<String, Quantity> usage(JsonNode stats) {
    long nanoCores = stats.path("cpu").path("usageNanoCores").asLong(0);
    long bytes = stats.path("memory").path("workingSetBytes").asLong(0);
    return Map.of(
        "cpu", Quantities.of(BigDecimal.valueOf(nanoCores, 9), Quantities.Format.DECIMAL),
        "memory", Quantities.ofBytes(bytes));
  }
}
