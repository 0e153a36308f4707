package io.coxswain.controlplane.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.Immutable;
import com.google.protobuf.Descriptors.Descriptor;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// The types that messages of the schema have in expressions, as JSON shows them. Members are found
/// when they are asked for: some messages hold themselves.
public final class MessageTypes {

  private MessageTypes() {}

  /// Of the objects of a kind.
  public static ObjectTypes ofKind(Descriptor descriptor) {
    Set<String> names = new HashSet<>(MessageSchema.of(descriptor).jsonFields().keySet());
    names.add("apiVersion");
    names.add("kind");
    CelType object =
        StructType.create(
            descriptor.getFullName(),
            ImmutableSet.copyOf(names),
            name ->
                name.equals("apiVersion") || name.equals("kind")
                    ? Optional.of(SimpleType.STRING)
                    : member(descriptor, name));
    return new ObjectTypes(object, new Known(object, descriptor));
  }

  /// Of a message in an object.
  public static CelType of(Descriptor descriptor) {
    if (MessageSchema.of(descriptor).jsonForm() != JsonForm.OBJECT) {
      return SimpleType.DYN;
    }
    return StructType.create(
        descriptor.getFullName(),
        ImmutableSet.copyOf(MessageSchema.of(descriptor).jsonFields().keySet()),
        name -> member(descriptor, name));
  }

  private static Optional<CelType> member(Descriptor descriptor, String name) {
    return Optional.ofNullable(MessageSchema.of(descriptor).jsonFields().get(name))
        .map(place -> type(place.field()));
  }

  private static CelType type(FieldSchema field) {
    CelType value =
        switch (field.valueDescriptor().getJavaType()) {
          case STRING, BYTE_STRING -> SimpleType.STRING;
          case INT, LONG -> SimpleType.INT;
          case FLOAT, DOUBLE -> SimpleType.DOUBLE;
          case BOOLEAN -> SimpleType.BOOL;
          case MESSAGE -> of(field.message().descriptor());
          case ENUM -> SimpleType.DYN;
        };
    if (field.isMap()) {
      return MapType.create(SimpleType.STRING, value);
    }
    return field.isList() ? ListType.create(value) : value;
  }

  /// The messages that may stand in an object, by their names.
  @Immutable
  @SuppressWarnings("Immutable") // descriptors do not change
  private static final class Known implements CelTypeProvider {
    private final CelType object;
    private final Descriptor root;

    Known(CelType object, Descriptor root) {
      this.object = object;
      this.root = root;
    }

    @Override
    public ImmutableCollection<CelType> types() {
      return ImmutableList.of(object);
    }

    @Override
    public Optional<CelType> findType(String name) {
      return name.equals(object.name())
          ? Optional.of(object)
          : find(root, name, new HashSet<>()).map(MessageTypes::of);
    }

    private static Optional<Descriptor> find(Descriptor from, String name, Set<Descriptor> seen) {
      if (!seen.add(from)) {
        return Optional.empty();
      }
      for (FieldSchema field : MessageSchema.of(from).fields()) {
        if (!field.holdsMessages()) {
          continue;
        }
        Descriptor inner = field.message().descriptor();
        if (inner.getFullName().equals(name)) {
          return Optional.of(inner);
        }
        Optional<Descriptor> below = find(inner, name, seen);
        if (below.isPresent()) {
          return below;
        }
      }
      return Optional.empty();
    }
  }
}
