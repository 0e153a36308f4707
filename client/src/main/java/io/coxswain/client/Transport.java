package io.coxswain.client;

import com.google.protobuf.Message;
import io.coxswain.schema.ResourceType;
import java.util.Map;

/// Carries calls to the API server: in process, or by gRPC. The one seam below [ApiClient].
public interface Transport extends AutoCloseable {

  enum Verb {
    GET,
    LIST,
    CREATE,
    UPDATE,
    PATCH,
    DELETE,
    DELETE_COLLECTION
  }

  /// @param body the object, options or patch; the type's prototype where the verb takes none
  /// @param patch what PATCH sends instead of a body
  /// @param options query parameters as REST has them
  record Call(
      Verb verb,
      ResourceType<?> type,
      String namespace,
      String name,
      String subresource,
      Message body,
      Patch patch,
      Map<String, String> options) {

    /// Stands in `patch` for every verb but PATCH.
    public static final Patch NO_PATCH = new Patch(Patch.Type.MERGE, "{}");

    public Call {
      options = Map.copyOf(options);
    }
  }

  /// Any verb but LIST. Blocks.
  ///
  /// @throws ApiException when the server refused or could not be reached
  Message call(Call call);

  ObjectList<Message> list(Call call);

  Watch<Message> watch(Call call);

  @Override
  void close();
}
