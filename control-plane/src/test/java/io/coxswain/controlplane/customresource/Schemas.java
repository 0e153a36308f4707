package io.coxswain.controlplane.customresource;

import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.JSONSchemaProps;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.admission.Defaults;
import java.nio.charset.StandardCharsets;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Schemas and values for tests, written in YAML's short form.
final class Schemas {

  private static final JsonCodec CODEC = new JsonCodec();

  private Schemas() {}

  static JsonNode value(String yaml) {
    Object loaded = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return CODEC.readTree(new JsonMapper().writeValueAsBytes(loaded));
  }

  static JSONSchemaProps props(String yaml) {
    String whole =
        """
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec":
         {"versions": [{"schema": {"openAPIV3Schema": %s}}]}}
        """
            .formatted(value(yaml));
    return definition(whole).getSpec().getVersions(0).getSchema().getOpenAPIV3Schema();
  }

  static StructuralSchema schema(String yaml) {
    return StructuralSchema.of(props(yaml));
  }

  static CustomResourceDefinition definition(String yaml) {
    return Defaults.apply(
        CODEC
            .decode(
                value(yaml).toString().getBytes(StandardCharsets.UTF_8),
                CustomResourceDefinition.getDefaultInstance(),
                Strictness.STRICT)
            .message());
  }
}
