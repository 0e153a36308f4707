package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.Decoded;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.schema.MessageSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Changes objects by patches: JSON patch (RFC 6902), merge patch (RFC 7396), and Kubernetes'
/// strategic merge patch, which knows from the schema how lists merge.
public final class Patches {

  private static final int MOST_OPERATIONS = 10_000;
  private static final JsonCodec CODEC = new JsonCodec();

  private Patches() {}

  /// The object as the patch leaves it, not yet completed nor checked.
  ///
  /// @param strictness about fields of the result that the schema does not know
  /// @throws ApiException with BadRequest when the patch cannot be read or its result is no such
  ///   object, with Invalid when it cannot be applied to this one
  public static <T extends Message> Decoded<T> apply(
      T current, Patch patch, Strictness strictness) {
    JsonNode change = CODEC.readTree(patch.json().getBytes(StandardCharsets.UTF_8));
    ObjectNode tree = CODEC.toTree(current);
    JsonNode result =
        switch (patch.type()) {
          case JSON -> jsonPatch(tree, change);
          case MERGE -> MergePatch.apply(tree, requireObject(change, "merge patch"));
          case STRATEGIC ->
              new StrategicMerge(MessageSchema.of(current.getDescriptorForType()))
                  .apply(tree, requireObject(change, "strategic merge patch"));
          case APPLY ->
              throw new IllegalArgumentException("what is applied is a configuration, no patch");
        };
    askForReset(result);
    @SuppressWarnings("unchecked") // the default instance of a class is of the class
    T prototype = (T) current.getDefaultInstanceForType();
    return CODEC.decode(result, prototype, strictness);
  }

  /// An empty list of books means to throw them away. A message cannot tell it from none, but knows
  /// a list with one empty entry, which means the same.
  private static void askForReset(JsonNode result) {
    if (result.path("metadata").path("managedFields") instanceof ArrayNode books
        && books.isEmpty()) {
      books.addObject();
    }
  }

  /// A tree as the patch leaves it: one of a kind that has no message.
  ///
  /// @param tree changed by the call
  /// @throws ApiException as [#apply(Message, Patch, Strictness)], and with UnsupportedMediaType
  ///   for a patch that would have to know the kind's lists
  public static JsonNode apply(ObjectNode tree, Patch patch) {
    JsonNode change = CODEC.readTree(patch.json().getBytes(StandardCharsets.UTF_8));
    return switch (patch.type()) {
      case JSON -> jsonPatch(tree, change);
      case MERGE -> MergePatch.apply(tree, requireObject(change, "merge patch"));
      case STRATEGIC ->
          throw new ApiException(
              new ApiError.UnsupportedMediaType(
                  "the body of the request was in an unknown format - accepted media types"
                      + " include: application/json-patch+json, application/merge-patch+json,"
                      + " application/apply-patch+yaml"));
      case APPLY ->
          throw new IllegalArgumentException("what is applied is a configuration, no patch");
    };
  }

  private static ObjectNode requireObject(JsonNode change, String what) {
    if (change instanceof ObjectNode object) {
      return object;
    }
    throw new ApiException(new ApiError.BadRequest("a " + what + " is a JSON object"));
  }

  private static JsonNode jsonPatch(ObjectNode tree, JsonNode operations) {
    if (!operations.isArray()) {
      throw new ApiException(
          new ApiError.BadRequest("a JSON patch is a list of operations, as [{\"op\":\"add\",…}]"));
    }
    if (operations.size() > MOST_OPERATIONS) {
      throw new ApiException(
          new ApiError.TooLarge(
              "Request entity too large: The allowed maximum operations in a JSON patch is "
                  + MOST_OPERATIONS
                  + ", got "
                  + operations.size()));
    }
    try {
      return JsonPatchOperations.apply(tree, List.copyOf(operations.values()));
    } catch (JsonPatchOperations.InapplicableException e) {
      throw inapplicable(e);
    }
  }

  private static ApiException inapplicable(Exception cause) {
    return new ApiException(
        new ApiError.Invalid(
            "",
            "",
            "",
            List.of(),
            "the server rejected our request due to an error in our request: "
                + cause.getMessage()),
        cause);
  }
}
