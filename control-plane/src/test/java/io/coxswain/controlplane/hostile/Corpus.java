package io.coxswain.controlplane.hostile;

import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Good objects, one of each kind.
final class Corpus {

  private static final JsonCodec JSON = new JsonCodec();

  /// The kind that the definition among the good objects makes.
  static final String CUSTOM_GROUP = "hostile.example.com";

  /// @param type of a kind of the schema; nothing for the custom one
  record Sample(
      ObjectNode tree,
      Optional<ResourceType<?>> type,
      String apiVersion,
      String plural,
      boolean namespaced,
      List<String> subresources) {

    String path(String namespace) {
      String root = apiVersion.indexOf('/') < 0 ? "/api/" + apiVersion : "/apis/" + apiVersion;
      return namespaced ? root + "/namespaces/" + namespace + "/" + plural : root + "/" + plural;
    }

    /// The tree as protobuf, if it can be that.
    Optional<byte[]> protobuf(ObjectNode changed) {
      return type.flatMap(known -> {
        try {
          return Optional.of(
              ProtoEnvelope.encode(
                  JSON.decode(changed, known.prototype(), Strictness.IGNORE).message()));
        } catch (RuntimeException unfit) {
          return Optional.empty();
        }
      });
    }
  }

  private final List<Sample> samples = new ArrayList<>();

  Corpus() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Corpus.class.getResourceAsStream("objects.yaml"))) {
      for (YamlDocument document : YamlCodec.parse(in.readAllBytes())) {
        samples.add(sample((ObjectNode) document.content()));
      }
    }
  }

  private static Sample sample(ObjectNode tree) {
    String apiVersion = tree.get("apiVersion").stringValue();
    String kind = tree.get("kind").stringValue();
    for (ResourceType<?> type : Schema.api().types()) {
      if (type.apiVersion().equals(apiVersion) && type.kind().equals(kind)) {
        return new Sample(
            tree,
            Optional.of(type),
            apiVersion,
            type.plural(),
            type.namespaced(),
            type.subresources());
      }
    }
    if (!apiVersion.startsWith(CUSTOM_GROUP)) {
      throw new IllegalStateException("no such kind: " + apiVersion + " " + kind);
    }
    return new Sample(
        tree, Optional.empty(), apiVersion, "boats", true, List.of("status", "scale"));
  }

  List<Sample> samples() {
    return samples;
  }

  Sample of(String kind) {
    return samples.stream()
        .filter(sample -> sample.tree().get("kind").stringValue().equals(kind))
        .findFirst()
        .orElseThrow();
  }
}
