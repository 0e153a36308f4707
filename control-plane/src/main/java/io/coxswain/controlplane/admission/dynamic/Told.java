package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.controlplane.authz.Authorizer;
import io.coxswain.controlplane.cel.AdmissionExpressions;
import io.coxswain.controlplane.cel.JsonValues;
import io.coxswain.schema.ResourceType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A request in one version of its resource: the objects, and the variables of expressions, which
/// are made when first needed. Used by one thread.
final class Told {

  private static final JsonCodec JSON = new JsonCodec(Long.MAX_VALUE);

  private final Attempt attempt;
  private final ResourceType<?> as;
  private final Surroundings surroundings;
  private final Authorizer authorizer;
  private final Optional<Message> object;
  private final Optional<Message> before;
  private @Nullable Map<String, Object> variables;

  Told(Attempt attempt, ResourceType<?> as, Surroundings surroundings, Authorizer authorizer) {
    this.attempt = attempt;
    this.as = as;
    this.surroundings = surroundings;
    this.authorizer = authorizer;
    this.object = converted(attempt.object());
    this.before = converted(attempt.before());
  }

  ResourceType<?> as() {
    return as;
  }

  /// Whether it is told otherwise than it was made.
  boolean isConverted() {
    return !attempt.isPart()
        && attempt.operation() != Operation.CONNECT
        && !as.apiVersion().equals(attempt.type().apiVersion());
  }

  Optional<Message> object() {
    return object;
  }

  Optional<Message> before() {
    return before;
  }

  private Optional<Message> converted(Optional<Message> message) {
    return !message.isEmpty() && isConverted()
        ? message.map(there -> surroundings.converted(there, as))
        : message;
  }

  /// What expressions know: shared, not to be changed.
  Map<String, Object> variables() {
    Map<String, Object> known = variables;
    if (known == null) {
      known = new HashMap<>();
      known.put("object", value(object));
      known.put("oldObject", value(before));
      known.put("request", JsonValues.of(Reviews.request(attempt, as)));
      known.put("namespaceObject", namespace());
      known.putAll(
          AdmissionExpressions.authorizer(
              authorizer,
              attempt.user(),
              as.group(),
              as.version(),
              as.plural(),
              attempt.subresource(),
              attempt.namespace(),
              attempt.name()));
      variables = known;
    }
    return known;
  }

  private static Object value(Optional<Message> message) {
    return message
        .<Object>map(there -> JsonValues.of(JSON.toTree(there)))
        .orElse(AdmissionExpressions.NOTHING);
  }

  /// Of what belongs to the whole cluster there is none.
  private Object namespace() {
    if (attempt.namespace().isEmpty() || !attempt.type().namespaced()) {
      return AdmissionExpressions.NOTHING;
    }
    return surroundings
        .namespace(attempt.namespace())
        .<Object>map(Told::namespace)
        .orElse(AdmissionExpressions.NOTHING);
  }

  private static Object namespace(Namespace namespace) {
    Namespace.Builder shown = namespace.toBuilder();
    shown.getMetadataBuilder().clearManagedFields().clearOwnerReferences();
    return JsonValues.of(JSON.toTree(shown.build()));
  }
}
