package io.coxswain.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.coxswain.schema.options.JsonForm;
import io.coxswain.schema.options.MapType;
import io.coxswain.schema.options.Options;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What one message promises, read from its descriptor once and kept.
public final class MessageSchema {

  private static final Map<Descriptor, MessageSchema> COMPILED = new ConcurrentHashMap<>();

  private final Descriptor descriptor;
  private final JsonForm jsonForm;
  private final boolean atomic;
  private final List<FieldSchema> fields;
  private final Map<String, Place> places;

  /// Where a JSON name is found: behind how many inlined messages, and which field.
  ///
  /// @param inlined the inlined fields to step through, outermost first
  public record Place(List<FieldSchema> inlined, FieldSchema field) {

    private Place behind(FieldSchema outer) {
      List<FieldSchema> steps = new ArrayList<>();
      steps.add(outer);
      steps.addAll(inlined);
      return new Place(List.copyOf(steps), field);
    }
  }

  private MessageSchema(Descriptor descriptor) {
    this.descriptor = descriptor;
    this.jsonForm = descriptor.getOptions().getExtension(Options.jsonForm);
    this.atomic = descriptor.getOptions().getExtension(Options.structType) == MapType.MAP_ATOMIC;
    this.fields = descriptor.getFields().stream().map(FieldSchema::of).toList();
    Map<String, Place> byName = new LinkedHashMap<>();
    for (FieldSchema field : fields) {
      if (!field.inline()) {
        byName.put(field.jsonName(), new Place(List.of(), field));
        continue;
      }
      for (Place place : field.message().places.values()) {
        byName.put(place.field().jsonName(), place.behind(field));
      }
    }
    this.places = Collections.unmodifiableMap(byName);
  }

  /// The schema of a message of this API, or of any other: without options it promises nothing.
  public static MessageSchema of(Descriptor descriptor) {
    MessageSchema known = COMPILED.get(descriptor);
    if (known == null) {
      // not computeIfAbsent: compiling an inlined message comes back here
      known = new MessageSchema(descriptor);
      COMPILED.put(descriptor, known);
    }
    return known;
  }

  public Descriptor descriptor() {
    return descriptor;
  }

  public JsonForm jsonForm() {
    return jsonForm;
  }

  /// Whether server-side apply owns the message as a whole.
  public boolean atomic() {
    return atomic;
  }

  /// All fields as declared; an inlined one counts as one.
  public List<FieldSchema> fields() {
    return fields;
  }

  /// The fields of the JSON object by name, in declared order, inlined ones in their place.
  public Map<String, Place> jsonFields() {
    return places;
  }

  /// The field that stands under a name in the JSON object.
  public Optional<FieldSchema> field(String jsonName) {
    Place place = places.get(jsonName);
    return place == null ? Optional.empty() : Optional.of(place.field());
  }

  public FieldSchema field(FieldDescriptor field) {
    return fields.get(field.getIndex());
  }

  @Override
  public String toString() {
    return descriptor.getFullName();
  }
}
