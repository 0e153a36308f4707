package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.ObjectMetas;
import java.util.Map;
import java.util.Optional;

/// Which requests selectors choose: by the labels of the object, and of its namespace.
final class Matching {

  private Matching() {}

  /// What belongs to the whole cluster is never left out by the labels of namespaces; a namespace
  /// is judged by its own, as they will be.
  static boolean inNamespaces(LabelMatcher selector, Attempt attempt, Surroundings surroundings) {
    boolean isNamespace =
        attempt.type().group().isEmpty() && attempt.type().plural().equals("namespaces");
    if (selector.isEverything() || (attempt.namespace().isEmpty() && !isNamespace)) {
      return true;
    }
    boolean told =
        isNamespace
            && attempt.subresource().isEmpty()
            && (attempt.operation() == Operation.CREATE || attempt.operation() == Operation.UPDATE);
    Map<String, String> labels =
        told && attempt.object().isPresent()
            ? ObjectMetas.read(attempt.object().get()).getLabelsMap()
            : surroundings
                .namespace(attempt.namespace())
                .map(Namespace::getMetadata)
                .orElseThrow(() ->
                    new ApiException(
                        new ApiError.NotFound(
                            "",
                            "namespaces",
                            attempt.namespace(),
                            "namespaces \"" + attempt.namespace() + "\" not found")))
                .getLabelsMap();
    return selector.test(labels);
  }

  /// Whether the object is chosen as it is to be, or as it was.
  static boolean isObject(LabelMatcher selector, Attempt attempt) {
    return selector.isEverything()
        || isChosen(selector, attempt.object())
        || isChosen(selector, attempt.before());
  }

  private static boolean isChosen(LabelMatcher selector, Optional<Message> object) {
    return object.isPresent()
        && object.get().getDescriptorForType().findFieldByName("metadata") != null
        && selector.matches(object.get());
  }
}
