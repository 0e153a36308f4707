package io.coxswain.controlplane.registry;

import io.coxswain.api.apiextensions.v1.CustomResourceSubresourceScale;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.api.autoscaling.v1.ScaleSpec;
import io.coxswain.api.autoscaling.v1.ScaleStatus;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.controlplane.customresource.JsonPath;
import io.coxswain.custom.CustomObject;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The `scale` of objects of a kind that people define: where it is in an object, its definition
/// says. Pure.
final class CustomScales {

  private CustomScales() {}

  /// @throws ApiException with Internal when the object says nowhere how many it wants
  static Scale of(CustomObject object, CustomResourceSubresourceScale where) {
    ObjectNode tree = CustomObjects.toTree(object);
    ObjectMeta meta = object.getMetadata();
    JsonNode wanted = at(tree, names(where.getSpecReplicasPath()));
    if (!wanted.canConvertToInt()) {
      throw new ApiException(
          new ApiError.Internal(
              "Internal error occurred: the spec replicas field \""
                  + where.getSpecReplicasPath()
                  + "\" does not exist"));
    }
    ScaleStatus.Builder status =
        ScaleStatus.newBuilder()
            .setReplicas(at(tree, names(where.getStatusReplicasPath())).asInt(0));
    if (where.hasLabelSelectorPath() && !where.getLabelSelectorPath().isEmpty()) {
      status.setSelector(at(tree, names(where.getLabelSelectorPath())).asString(""));
    }
    return Scale.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setName(meta.getName())
                .setNamespace(meta.getNamespace())
                .setUid(meta.getUid())
                .setResourceVersion(meta.getResourceVersion())
                .setCreationTimestamp(meta.getCreationTimestamp()))
        .setSpec(ScaleSpec.newBuilder().setReplicas(wanted.intValue()))
        .setStatus(status)
        .build();
  }

  /// The object wanting as many as the scale says.
  static CustomObject applied(
      CustomObject object, CustomResourceSubresourceScale where, Scale scale) {
    int replicas = Scales.checked(scale);
    ObjectNode tree = CustomObjects.toTree(object);
    List<String> names = names(where.getSpecReplicasPath());
    ObjectNode at = tree;
    for (String name : names.subList(0, names.size() - 1)) {
      at = at.get(name) instanceof ObjectNode inner ? inner : at.putObject(name);
    }
    at.put(names.getLast(), replicas);
    return CustomObjects.of(tree, object.getMetadata());
  }

  private static List<String> names(String path) {
    return JsonPath.parse(path).flatMap(JsonPath::names).orElse(List.of("spec", "replicas"));
  }

  private static JsonNode at(ObjectNode tree, List<String> names) {
    JsonNode at = tree;
    for (String name : names) {
      at = at.path(name);
    }
    return at;
  }
}
