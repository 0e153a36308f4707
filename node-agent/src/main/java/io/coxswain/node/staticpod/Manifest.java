package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Toleration;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ImageName;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Sha256;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import io.coxswain.node.podworker.PodOrigin;
import io.coxswain.schema.SchemaDefaults;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A file that describes pods, as YAML or JSON: documents of the kind Pod, or lists of them. What
/// the node adds is what kubelet does: its name behind the pod's, a uid that is a hash of what the
/// file says, and that no taint drives the pod away.
final class Manifest {

  private static final JsonCodec JSON = new JsonCodec();
  private static final int UID_BYTES = 16;

  private Manifest() {}

  /// @param file its name, which is part of the pods' identity
  /// @param node name of the node
  /// @throws ManifestException naming the first document and field that are wrong
  static List<Pod> read(byte[] content, String file, String node) throws ManifestException {
    List<Pod> pods = new ArrayList<>();
    try {
      for (YamlDocument document : YamlCodec.parse(content)) {
        if (!document.duplicates().isEmpty()) {
          throw new ManifestException(document.duplicates().getFirst());
        }
        JsonNode object = document.content();
        switch (object.path("kind").asString("")) {
          case "Pod" -> pods.add(pod(object, file, node));
          case "PodList", "List" -> {
            for (JsonNode item : object.path("items")) {
              pods.add(pod(item, file, node));
            }
          }
          case String other ->
              throw new ManifestException(
                  "kind: Unsupported value: \"%s\": a node runs objects of the kind Pod by itself"
                      .formatted(other));
        }
      }
    } catch (ApiException e) {
      throw new ManifestException(String.valueOf(e.getMessage()), e);
    }
    if (pods.isEmpty()) {
      throw new ManifestException("there is no pod in it");
    }
    return pods;
  }

  private static Pod pod(JsonNode object, String file, String node) throws ManifestException {
    Pod said = JSON.decode(object, Pod.getDefaultInstance(), Strictness.STRICT).message();
    Pod whole = (Pod) SchemaDefaults.apply(said);
    ManifestRules.check(whole);
    Pod.Builder pod = whole.toBuilder().clearStatus();
    pod.getStatusBuilder().setPhase("Pending");
    String uid = hash(said, file, node);
    pod.getMetadataBuilder()
        .setUid(uid)
        .setName(said.getMetadata().getName() + "-" + node)
        .setNamespace(
            said.getMetadata().getNamespace().isEmpty()
                ? "default"
                : said.getMetadata().getNamespace())
        .clearResourceVersion()
        .clearDeletionTimestamp()
        .clearDeletionGracePeriodSeconds()
        .clearOwnerReferences()
        .putAnnotations(PodOrigin.SOURCE, "file")
        .putAnnotations(PodOrigin.HASH, uid);
    complete(pod.getSpecBuilder().setNodeName(node));
    return pod.build();
  }

  /// What the API does with a pod that is given to it.
  private static void complete(PodSpec.Builder spec) {
    if (!spec.hasEnableServiceLinks()) {
      spec.setEnableServiceLinks(true);
    }
    spec.getContainersBuilderList().forEach(Manifest::complete);
    spec.getInitContainersBuilderList().forEach(Manifest::complete);
    boolean tolerant =
        spec.getTolerationsList().stream()
            .anyMatch(one -> one.getKey().isEmpty() && one.getEffect().equals("NoExecute"));
    if (!tolerant) {
      spec.addTolerations(Toleration.newBuilder().setOperator("Exists").setEffect("NoExecute"));
    }
  }

  private static void complete(Container.Builder container) {
    if (container.getImagePullPolicy().isEmpty()) {
      container.setImagePullPolicy(
          ImageName.of(container.getImage()).moves() ? "Always" : "IfNotPresent");
    }
    var resources = container.getResourcesBuilder();
    resources
        .getLimitsMap()
        .forEach((name, limit) -> {
          if (!resources.containsRequests(name)) {
            resources.putRequests(name, limit);
          }
        });
  }

  private static String hash(Pod said, String file, String node) {
    MessageDigest digest = Sha256.begin();
    digest.update(JSON.encode(said));
    digest.update("host:%s file:%s".formatted(node, file).getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest(), 0, UID_BYTES);
  }
}
