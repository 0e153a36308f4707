package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Merge patches (RFC 7396) and strategic ones, by way of JSON. Of strategic patches it knows lists
/// merged by key and `$patch: delete`; the server knows the rest.
final class Patching {

  private static final JsonCodec CODEC = new JsonCodec();

  private Patching() {}

  static Message apply(Message target, Patch patch) {
    boolean strategic =
        switch (patch.type()) {
          case MERGE -> false;
          case STRATEGIC -> true;
          case JSON, APPLY ->
              throw new ApiException(
                  new ApiError.NotImplemented(
                      "the API for tests takes merge and strategic patches, not " + patch.type()));
        };
    JsonNode change = CODEC.readTree(patch.json().getBytes(StandardCharsets.UTF_8));
    if (!(change instanceof ObjectNode changes)) {
      throw new ApiException(new ApiError.BadRequest("the patch is no JSON object"));
    }
    ObjectNode tree = CODEC.toTree(target);
    merge(tree, changes, strategic ? MessageSchema.of(target.getDescriptorForType()) : null);
    return CODEC.decode(tree, target.getDefaultInstanceForType(), Strictness.IGNORE).message();
  }

  private static void merge(ObjectNode target, ObjectNode change, @Nullable MessageSchema schema) {
    change
        .properties()
        .forEach(entry -> {
          String name = entry.getKey();
          JsonNode value = entry.getValue();
          Optional<FieldSchema> field = schema == null ? Optional.empty() : schema.field(name);
          @Nullable JsonNode old = target.get(name);
          if (value.isNull()) {
            target.remove(name);
          } else if (value instanceof ObjectNode inner) {
            ObjectNode base = old instanceof ObjectNode o ? o : target.putObject(name);
            merge(base, inner, below(field));
          } else if (value instanceof ArrayNode list
              && old instanceof ArrayNode oldList
              && field.isPresent()
              && !field.get().mergeKey().isEmpty()) {
            mergeLists(oldList, list, field.get());
          } else {
            target.set(name, value);
          }
        });
  }

  private static void mergeLists(ArrayNode target, ArrayNode change, FieldSchema field) {
    for (JsonNode element : change) {
      if (!(element instanceof ObjectNode item)) {
        continue;
      }
      int at = indexOf(target, field.mergeKey(), item.get(field.mergeKey()));
      boolean delete = item.path("$patch").asString("").equals("delete");
      if (delete && at >= 0) {
        target.remove(at);
      } else if (!delete && at >= 0 && target.get(at) instanceof ObjectNode old) {
        merge(old, item, below(Optional.of(field)));
      } else if (!delete) {
        target.add(item);
      }
    }
  }

  private static int indexOf(ArrayNode list, String key, @Nullable JsonNode value) {
    for (int i = 0; i < list.size(); i++) {
      if (value != null && value.equals(list.get(i).get(key))) {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable MessageSchema below(Optional<FieldSchema> field) {
    return field.isPresent() && field.get().holdsMessages() && !field.get().isMap()
        ? field.get().message()
        : null;
  }
}
