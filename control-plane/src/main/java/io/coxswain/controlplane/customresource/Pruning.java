package io.coxswain.controlplane.customresource;

import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.client.codec.JsonCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Takes away what a schema does not name. Of objects inside of objects the type always stays, and
/// of their metadata what metadata has, whatever the schema says of it.
public final class Pruning {

  private static final int MOST_UNKNOWN = 100;
  private static final JsonCodec CODEC = new JsonCodec(Long.MAX_VALUE);
  private static final Set<String> OBJECT = Set.of("apiVersion", "kind", "metadata");

  private final List<String> unknown = new ArrayList<>();

  private Pruning() {}

  /// @param object a whole object; changed by the call
  /// @return what was taken away, as `unknown field "spec.foo"`
  public static List<String> prune(ObjectNode object, StructuralSchema schema) {
    Pruning pruning = new Pruning();
    pruning.object(object, schema, "", true);
    return pruning.unknown;
  }

  private void object(ObjectNode object, StructuralSchema schema, String path, boolean whole) {
    List<String> strange = new ArrayList<>();
    if (whole && !path.isEmpty()) {
      metadata(object, path);
    }
    object.forEachEntry((name, value) -> {
      if (whole && OBJECT.contains(name)) {
        return;
      }
      String at = path.isEmpty() ? name : path + "." + name;
      Optional<StructuralSchema> member = schema.member(name);
      if (member.isPresent()) {
        value(value, member.get(), at);
      } else if (!schema.preservesUnknown() && !schema.anyMember()) {
        strange.add(name);
        if (unknown.size() < MOST_UNKNOWN) {
          unknown.add("unknown field \"" + at + "\"");
        }
      }
    });
    object.remove(strange);
  }

  /// Of an object inside. What cannot be read as metadata at all is left to validation.
  private void metadata(ObjectNode object, String path) {
    List<String> strays = new ArrayList<>();
    ObjectMeta known;
    try {
      known = CustomObjects.metadata(object, strays);
    } catch (ApiException e) {
      return;
    }
    if (!strays.isEmpty()) {
      object.set("metadata", CODEC.toTree(known));
      strays.stream()
          .limit(Math.max(0, MOST_UNKNOWN - unknown.size()))
          .map(stray -> stray.replace("\"metadata", "\"" + path + ".metadata"))
          .forEach(unknown::add);
    }
  }

  private void value(JsonNode value, StructuralSchema schema, String path) {
    if (value instanceof ObjectNode object) {
      object(object, schema, path, schema.embedded());
    } else if (value instanceof ArrayNode list && schema.items().isPresent()) {
      for (int i = 0; i < list.size(); i++) {
        value(list.get(i), schema.items().get(), path + "[" + i + "]");
      }
    } else if (value instanceof ArrayNode list && !schema.preservesUnknown()) {
      // What a list without a schema holds is not said by anybody.
      for (int i = 0; i < list.size(); i++) {
        value(list.get(i), schema, path + "[" + i + "]");
      }
    }
  }
}
