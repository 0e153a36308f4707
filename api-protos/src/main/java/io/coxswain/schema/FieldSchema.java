package io.coxswain.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.coxswain.schema.options.ListType;
import io.coxswain.schema.options.MapType;
import io.coxswain.schema.options.Options;
import io.coxswain.schema.options.PatchStrategy;
import java.util.List;
import java.util.Set;

/// What one field promises: its options, read once.
///
/// @param jsonName the name in JSON and in field paths
/// @param inline the message's fields stand in the parent's JSON object
/// @param required must be present; also printed when empty
/// @param byValue a message that JSON prints even when it is absent
/// @param noEffect accepted and stored, and nothing acts upon it
/// @param neutralJson the value of a field without effect that asks for what happens anyway; empty
///   for none
/// @param listMapKeys what identifies an element of a list of type MAP
/// @param mergeKey what identifies an element for a strategic merge patch; empty for none
/// @param defaultJson the value taken when absent, as JSON; empty for none
/// @param enumValues the only values allowed; empty for any
/// @param format a name for the shape of a string; empty for any
/// @param bounded whether `minimum` and `maximum` mean something
/// @param isList a map is none
/// @param holdsMessages a message, or a list of messages, or a map to messages
/// @param valueDescriptor the field itself, or of a map the field of its values
/// @param access reads the field
public record FieldSchema(
    FieldDescriptor descriptor,
    String jsonName,
    boolean inline,
    boolean required,
    boolean byValue,
    boolean immutable,
    boolean noEffect,
    String neutralJson,
    ListType listType,
    List<String> listMapKeys,
    MapType mapType,
    Set<PatchStrategy> patchStrategies,
    String mergeKey,
    String defaultJson,
    List<String> enumValues,
    String format,
    boolean bounded,
    long minimum,
    long maximum,
    boolean isMap,
    boolean isList,
    boolean holdsMessages,
    FieldDescriptor valueDescriptor,
    FieldAccess access) {

  static FieldSchema of(FieldDescriptor field) {
    var options = field.getOptions();
    boolean hasMinimum = options.hasExtension(Options.minimum);
    boolean hasMaximum = options.hasExtension(Options.maximum);
    boolean map = field.isMapField();
    FieldDescriptor value = map ? field.getMessageType().findFieldByNumber(2) : field;
    return new FieldSchema(
        field,
        field.getJsonName(),
        options.getExtension(Options.inline),
        options.getExtension(Options.required),
        options.getExtension(Options.byValue),
        options.getExtension(Options.immutable),
        options.getExtension(Options.noEffect),
        options.getExtension(Options.neutralValue),
        options.getExtension(Options.listType),
        List.copyOf(options.getExtension(Options.listMapKey)),
        options.getExtension(Options.mapType),
        Set.copyOf(options.getExtension(Options.patchStrategy)),
        options.getExtension(Options.patchMergeKey),
        options.getExtension(Options.defaultValue),
        List.copyOf(options.getExtension(Options.enumValue)),
        options.getExtension(Options.format),
        hasMinimum || hasMaximum,
        hasMinimum ? options.getExtension(Options.minimum) : Long.MIN_VALUE,
        hasMaximum ? options.getExtension(Options.maximum) : Long.MAX_VALUE,
        map,
        field.isRepeated() && !map,
        value.getJavaType() == JavaType.MESSAGE,
        value,
        FieldAccess.of(field));
  }

  /// The schema of the messages held.
  ///
  /// @throws IllegalStateException if the field holds none
  public MessageSchema message() {
    if (!holdsMessages) {
      throw new IllegalStateException(descriptor.getFullName() + " holds no messages");
    }
    return MessageSchema.of(valueDescriptor.getMessageType());
  }
}
