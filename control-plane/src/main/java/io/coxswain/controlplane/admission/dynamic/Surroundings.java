package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.schema.ResourceType;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What dynamic admission needs of the registry. Objects are shared and immutable, and may be some
/// milliseconds old.
public interface Surroundings {

  /// Differs when the configurations, or the kinds that are served, are others than before. Asked
  /// for each write: costs next to nothing.
  long state();

  /// Objects of a kind of the whole cluster, by name.
  <T extends Message> List<T> list(Class<T> kind);

  /// As it is known here; where it is not, as the store has it.
  Optional<Namespace> namespace(String name);

  /// The types that show the same objects, without the type itself.
  List<ResourceType<?>> equivalents(ResourceType<?> type);

  /// An object in another of its versions, with that version's defaults. May block.
  ///
  /// @throws io.coxswain.client.ApiException when it cannot be done
  Message converted(Message object, ResourceType<?> to);

  /// What a JSON patch makes of an object: completed, and without what its schema does not know.
  ///
  /// @throws io.coxswain.client.ApiException when it cannot be applied, or no such object comes of
  ///   it
  Message patched(ResourceType<?> type, Message object, String patch);

  /// A configuration laid over an object, as an apply would: completed, and without books.
  ///
  /// @throws io.coxswain.client.ApiException when it is none of the type's, or would replace
  ///   something whole that the schema calls atomic
  Message laid(ResourceType<?> type, Message object, JsonNode configuration);

  /// The type of a kind that is served.
  Optional<ResourceType<?>> typeOf(String apiVersion, String kind);

  /// An object of any kind.
  Optional<Message> find(ResourceType<?> type, String namespace, String name);

  /// Objects of any kind by their labels.
  ///
  /// @param namespace empty for all
  List<Message> select(ResourceType<?> type, String namespace, LabelMatcher labels);
}
