package io.coxswain.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import io.coxswain.schema.options.Options;
import io.coxswain.schema.options.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All kinds of the API, found by any of their names.
///
/// One immutable instance, compiled at first use from [ApiFiles]. It knows kinds by their
/// descriptors; the classes of one are loaded when somebody asks for it, since most programs deal
/// with a few kinds.
public final class Schema {

  private record Path(String group, String version, String plural) {}

  private static final class Holder {
    static final Schema API = new Schema(ApiFiles.ALL);
  }

  /// What stands on its own, and has a class that may not be loaded yet.
  private static final class Known {

    private final Descriptor message;
    private volatile @Nullable Message prototype;

    Known(Descriptor message) {
      this.message = message;
    }

    Resource resource() {
      return message.getOptions().getExtension(Options.kind);
    }

    Message prototype() {
      Message known = prototype;
      if (known == null) {
        known = Schema.prototype(message);
        prototype = known;
      }
      return known;
    }

    ResourceType<?> type() {
      return ResourceType.of(prototype().getClass());
    }
  }

  private final Map<Path, Known> byPath = new LinkedHashMap<>();
  private final Map<ObjectKind, Known> byKind = new LinkedHashMap<>();
  private final Map<Descriptor, ObjectKind> kinds = new HashMap<>();
  private final Map<Descriptor, Known> types = new HashMap<>();
  private final Map<Descriptor, Known> lists = new HashMap<>();
  private final Map<String, Known> byName = new HashMap<>();
  private final List<FileDescriptor> files;
  private final Comments comments = new Comments();

  private Schema(List<FileDescriptor> files) {
    this.files = files;
    for (FileDescriptor file : files) {
      for (Descriptor message : file.getMessageTypes()) {
        if (message.getOptions().hasExtension(Options.kind)) {
          addKind(message);
        }
      }
    }
    for (FileDescriptor file : files) {
      file.getMessageTypes().forEach(this::addList);
    }
    // the core group's names win, then the newest version's
    List<Known> preferred = new ArrayList<>(byPath.values());
    preferred.sort((a, b) -> {
      boolean core = a.resource().getGroup().isEmpty();
      return core != b.resource().getGroup().isEmpty()
          ? (core ? -1 : 1)
          : b.resource().getVersion().compareTo(a.resource().getVersion());
    });
    preferred.forEach(this::addNames);
  }

  /// The Kubernetes API as this product knows it.
  public static Schema api() {
    return Holder.API;
  }

  private void addKind(Descriptor message) {
    Known known = new Known(message);
    Resource resource = known.resource();
    ObjectKind kind = new ObjectKind(resource.getGroup(), resource.getVersion(), message.getName());
    kinds.put(message, kind);
    byKind.put(kind, known);
    if (!resource.getPlural().isEmpty()) {
      byPath.put(new Path(resource.getGroup(), resource.getVersion(), resource.getPlural()), known);
      types.put(message, known);
    }
  }

  private void addList(Descriptor message) {
    FieldDescriptor items = message.findFieldByName("items");
    if (items == null || !items.isRepeated() || items.getJavaType() != JavaType.MESSAGE) {
      return;
    }
    ObjectKind item = kinds.get(items.getMessageType());
    if (item == null || !message.getName().equals(item.kind() + "List")) {
      return;
    }
    Known known = new Known(message);
    ObjectKind kind = new ObjectKind(item.group(), item.version(), message.getName());
    kinds.put(message, kind);
    byKind.put(kind, known);
    lists.put(items.getMessageType(), known);
  }

  private void addNames(Known type) {
    Resource resource = type.resource();
    List<String> names =
        List.of(resource.getPlural(), type.message.getName().toLowerCase(Locale.ROOT));
    for (String name : names) {
      byName.putIfAbsent(name, type);
    }
    for (String name : resource.getShortNameList()) {
      byName.putIfAbsent(name, type);
    }
    if (!resource.getGroup().isEmpty()) {
      for (String name : names) {
        byName.putIfAbsent(name + "." + resource.getGroup(), type);
        byName.putIfAbsent(name + "." + resource.getVersion() + "." + resource.getGroup(), type);
      }
    }
  }

  /// A generated class's empty message. The class is named by the file's Java package: there is no
  /// other way from a descriptor to its class.
  private static Message prototype(Descriptor message) {
    String name = message.getFile().getOptions().getJavaPackage() + "." + message.getName();
    try {
      return Internal.getDefaultInstance(Class.forName(name).asSubclass(Message.class));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          message.getFile().getName() + " does not generate one Java file a message: " + name, e);
    }
  }

  /// Every kind with a path of its own, in the order of the files.
  public Collection<ResourceType<?>> types() {
    return byPath.values().stream().<ResourceType<?>>map(Known::type).toList();
  }

  /// The files, for what documents the whole.
  public List<FileDescriptor> files() {
    return files;
  }

  /// The kind under `/apis/<group>/<version>/<plural>`; an empty group is the core's.
  public Optional<ResourceType<?>> find(String group, String version, String plural) {
    return Optional.ofNullable(byPath.get(new Path(group, version, plural))).map(Known::type);
  }

  /// The kind with a path of its own that an object's `apiVersion` and `kind` name.
  public Optional<ResourceType<?>> findKind(String group, String version, String kind) {
    Known known = byKind.get(new ObjectKind(group, version, kind));
    return known == null ? Optional.empty() : find(group, version, known.resource().getPlural());
  }

  /// The kind that a person means by a plural, a singular, a short name, or one of these with
  /// `.group` or `.version.group` behind it. Upper and lower case are one.
  public Optional<ResourceType<?>> findNamed(String name) {
    return Optional.ofNullable(byName.get(name.toLowerCase(Locale.ROOT))).map(Known::type);
  }

  /// The empty message of anything that stands on its own in a request or an answer: kinds, their
  /// lists, `Status`, `DeleteOptions`, `Scale` …
  public Optional<Message> message(ObjectKind kind) {
    return Optional.ofNullable(byKind.get(kind)).map(Known::prototype);
  }

  /// What stands in `apiVersion` and `kind` of a message; nothing for a part of an object.
  public Optional<ObjectKind> kindOf(Descriptor message) {
    return Optional.ofNullable(kinds.get(message));
  }

  /// The kind with a path of its own that a message is of; nothing for any other.
  public Optional<ResourceType<?>> typeOf(Descriptor message) {
    return Optional.ofNullable(types.get(message)).map(Known::type);
  }

  /// The empty list message of a kind: `PodList` for Pod.
  ///
  /// @throws IllegalArgumentException for a kind that is never listed, as a review
  public Message listOf(ResourceType<?> type) {
    Known list = lists.get(type.prototype().getDescriptorForType());
    if (list == null) {
      throw new IllegalArgumentException(type + " has no list");
    }
    return list.prototype();
  }

  /// What a message is, for people: its leading comment, on one line. Empty when it has none. The
  /// first question about a file reads it from the jar.
  public String comment(Descriptor message) {
    return comments.of(message);
  }

  /// What a field is, for people.
  ///
  /// @see #comment(Descriptor)
  public String comment(FieldDescriptor field) {
    return comments.of(field);
  }
}
