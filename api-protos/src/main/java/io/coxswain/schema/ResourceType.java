package io.coxswain.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import io.coxswain.schema.options.Column;
import io.coxswain.schema.options.Options;
import io.coxswain.schema.options.Resource;
import io.coxswain.schema.options.Scope;
import java.util.List;
import java.util.Locale;

/// A kind that the API serves: its names, its place in the paths, and its message.
///
/// @param singular what a command line takes for one
/// @param listKind the kind of its lists
/// @param columns of the table, where the kind's description has them
/// @param selectableFields JSON paths below the object, as `spec.color`, by which its description
///   lets it be selected
/// @param createOnly answered at once and never stored, as a review
/// @param readOnly found out when somebody asks, and never stored
/// @param prototype the kind's empty message
public record ResourceType<T extends Message>(
    String group,
    String version,
    String kind,
    String plural,
    String singular,
    String listKind,
    List<String> shortNames,
    List<String> categories,
    List<String> subresources,
    List<Column> columns,
    List<String> selectableFields,
    boolean namespaced,
    boolean createOnly,
    boolean readOnly,
    T prototype) {

  private static final ClassValue<ResourceType<?>> OF_CLASS =
      new ClassValue<>() {
        @Override
        protected ResourceType<?> computeValue(Class<?> message) {
          return of(Internal.getDefaultInstance(message.asSubclass(Message.class)));
        }
      };

  /// The type that a generated class's `(kind)` option describes.
  ///
  /// @throws IllegalArgumentException if the message is no kind
  @SuppressWarnings("unchecked") // the type of a class is of that class
  public static <T extends Message> ResourceType<T> of(Class<T> message) {
    return (ResourceType<T>) OF_CLASS.get(message);
  }

  /// @see #of(Class)
  public static <T extends Message> ResourceType<T> of(T prototype) {
    Descriptor descriptor = prototype.getDescriptorForType();
    Resource resource = descriptor.getOptions().getExtension(Options.kind);
    if (resource.getPlural().isEmpty()) {
      throw new IllegalArgumentException(descriptor.getFullName() + " is not a kind of the API");
    }
    return new ResourceType<>(
        resource.getGroup(),
        resource.getVersion(),
        descriptor.getName(),
        resource.getPlural(),
        descriptor.getName().toLowerCase(Locale.ROOT),
        descriptor.getName() + "List",
        List.copyOf(resource.getShortNameList()),
        List.copyOf(resource.getCategoryList()),
        List.copyOf(resource.getSubresourceList()),
        List.copyOf(resource.getColumnList()),
        List.of(),
        resource.getScope() == Scope.NAMESPACED,
        resource.getCreateOnly(),
        resource.getReadOnly(),
        prototype);
  }

  /// `v1` or `apps/v1`: what stands in an object's `apiVersion`.
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /// `pods` or `deployments.apps`: the name that people and error messages use.
  public String qualifiedPlural() {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  /// Whether its objects lie in the store: all but what is answered at once.
  public boolean stored() {
    return !createOnly && !readOnly;
  }

  @Override
  public String toString() {
    return apiVersion() + " " + kind;
  }
}
