package io.coxswain.client.codec;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// A field selector that was read: all terms must hold. Without any it takes everything.
public record FieldMatcher(List<Term> terms) implements Predicate<Message> {

  public static final FieldMatcher EVERYTHING = new FieldMatcher(List.of());

  /// By what, beside name and namespace, objects of a kind can be selected.
  private static final Map<String, List<String>> SELECTABLE =
      Map.ofEntries(
          Map.entry(
              "pods",
              List.of(
                  "spec.nodeName",
                  "spec.restartPolicy",
                  "spec.schedulerName",
                  "spec.serviceAccountName",
                  "spec.hostNetwork",
                  "status.phase",
                  "status.podIP",
                  "status.nominatedNodeName")),
          Map.entry("nodes", List.of("spec.unschedulable")),
          Map.entry("namespaces", List.of("status.phase")),
          Map.entry("secrets", List.of("type")),
          Map.entry("services", List.of("spec.clusterIP", "spec.type")),
          Map.entry("replicasets.apps", List.of("status.replicas")),
          Map.entry("replicationcontrollers", List.of("status.replicas")),
          Map.entry("jobs.batch", List.of("status.successful")),
          Map.entry("certificatesigningrequests.certificates.k8s.io", List.of("spec.signerName")),
          Map.entry(
              "events",
              List.of(
                  "involvedObject.kind",
                  "involvedObject.namespace",
                  "involvedObject.name",
                  "involvedObject.uid",
                  "involvedObject.apiVersion",
                  "involvedObject.resourceVersion",
                  "involvedObject.fieldPath",
                  "reason",
                  "reportingComponent",
                  "source",
                  "type")),
          Map.entry(
              "events.events.k8s.io",
              List.of(
                  "regarding.kind",
                  "regarding.namespace",
                  "regarding.name",
                  "regarding.uid",
                  "regarding.apiVersion",
                  "regarding.resourceVersion",
                  "regarding.fieldPath",
                  "reason",
                  "reportingController",
                  "type")));

  /// Names of terms that are not the path of their field.
  private static final Map<String, String> PATHS =
      Map.of("source", "source.component", "status.successful", "status.succeeded");

  /// What a term looks at when its own field is empty: newer events name their source elsewhere.
  private static final Map<String, String> OTHERWISE = Map.of("source", "reportingComponent");

  /// One condition: a field has a value, or has not.
  public record Term(String field, boolean equal, String value) {
    @Override
    public String toString() {
      return field + (equal ? "=" : "!=") + escaped(value);
    }
  }

  public FieldMatcher {
    terms = List.copyOf(terms);
  }

  /// @throws ApiException with BadRequest when it is malformed
  static FieldMatcher parse(String selector) {
    List<Term> terms = new ArrayList<>();
    for (String part : split(selector)) {
      if (part.isEmpty()) {
        continue;
      }
      int at = part.indexOf('=');
      if (at < 1) {
        throw malformed(selector, part);
      }
      boolean not = part.charAt(at - 1) == '!';
      int end = at + 1 < part.length() && part.charAt(at + 1) == '=' && !not ? at + 2 : at + 1;
      String field = part.substring(0, not ? at - 1 : at).strip();
      if (field.isEmpty()) {
        throw malformed(selector, part);
      }
      terms.add(new Term(field, !not, unescaped(part.substring(end), selector)));
    }
    return new FieldMatcher(terms);
  }

  private static List<String> split(String selector) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < selector.length(); i++) {
      if (selector.charAt(i) == '\\') {
        i++;
      } else if (selector.charAt(i) == ',') {
        parts.add(selector.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(selector.substring(start));
    return parts;
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=");
  }

  private static String unescaped(String value, String selector) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\') {
        i++;
        if (i == value.length() || "\\,=".indexOf(value.charAt(i)) < 0) {
          throw malformed(selector, value);
        }
        text.append(value.charAt(i));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static ApiException malformed(String selector, String part) {
    return new ApiException(
        new ApiError.BadRequest(
            "invalid field selector \""
                + selector
                + "\": \""
                + part
                + "\" is not of the form field=value or field!=value"));
  }

  static List<String> selectable(ResourceType<?> type) {
    List<String> fields = new ArrayList<>(List.of("metadata.name", "metadata.namespace"));
    fields.addAll(type.selectableFields());
    fields.addAll(SELECTABLE.getOrDefault(type.qualifiedPlural(), List.of()));
    return fields;
  }

  static boolean isSelectable(ResourceType<?> type, String field) {
    return selectable(type).contains(field);
  }

  @Override
  public boolean test(Message object) {
    for (Term term : terms) {
      if (valueOf(object, term.field()).equals(term.value()) != term.equal()) {
        return false;
      }
    }
    return true;
  }

  private static String valueOf(Message object, String field) {
    String value = value(object, PATHS.getOrDefault(field, field));
    return value.isEmpty() && OTHERWISE.containsKey(field)
        ? value(object, OTHERWISE.get(field))
        : value;
  }

  public boolean isEverything() {
    return terms.isEmpty();
  }

  /// The value that a field must have, when the selector says so: with it an index serves the list.
  public Optional<String> required(String field) {
    return terms.stream()
        .filter(term -> term.equal() && term.field().equals(field))
        .map(Term::value)
        .findFirst();
  }

  /// A field as text; an absent one is that of its type, as `` or `false`.
  ///
  /// @throws IllegalArgumentException if the message has no such field
  public static String value(Message object, String path) {
    if (object instanceof CustomObject custom) {
      return value(custom, path);
    }
    Message at = object;
    String[] names = path.split("\\.", -1);
    for (int i = 0; i < names.length; i++) {
      MessageSchema.Place place =
          MessageSchema.of(at.getDescriptorForType()).jsonFields().get(names[i]);
      if (place == null || place.field().isMap() || place.field().isList()) {
        throw new IllegalArgumentException(
            object.getDescriptorForType().getName() + " has no single field " + path);
      }
      for (FieldSchema step : place.inlined()) {
        at = (Message) at.getField(step.descriptor());
      }
      Object value = at.getField(place.field().descriptor());
      if (i == names.length - 1) {
        return value.toString();
      }
      at = (Message) value;
    }
    return "";
  }

  private static String value(CustomObject object, String path) {
    return switch (path) {
      case "metadata.name" -> object.getMetadata().getName();
      case "metadata.namespace" -> object.getMetadata().getNamespace();
      default -> {
        JsonNode at = CustomObjects.content(object);
        for (String name : path.split("\\.", -1)) {
          at = at.path(name);
        }
        yield at.isValueNode() && !at.isNull() ? at.asString() : "";
      }
    };
  }

  /// The form in which requests carry it.
  @Override
  public String toString() {
    return terms.stream().map(Term::toString).collect(Collectors.joining(","));
  }
}
