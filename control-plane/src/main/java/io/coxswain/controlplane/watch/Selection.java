package io.coxswain.controlplane.watch;

import com.google.protobuf.Message;
import java.util.List;
import java.util.function.Predicate;

/// Which objects of a kind a reader wants.
///
/// @param namespace empty for all
/// @param name empty for all
/// @param filters all of which must hold; asked only about objects that the names let through, as
///   asking decodes. They look at what does not depend on an object's version, as its labels.
/// @param contents as `filters`, of what may differ between versions: they see the object in the
///   version that is read, and to make that may block
public record Selection(
    String namespace,
    String name,
    List<Predicate<Message>> filters,
    List<Predicate<Message>> contents) {

  public static final Selection ALL = new Selection("", "", List.of());

  public Selection {
    filters = List.copyOf(filters);
    contents = List.copyOf(contents);
  }

  public Selection(String namespace, String name, List<Predicate<Message>> filters) {
    this(namespace, name, filters, List.of());
  }

  public static Selection in(String namespace) {
    return new Selection(namespace, "", List.of());
  }

  /// May block where [#waitsFor] says so.
  public boolean includes(CachedObject object) {
    return named(object)
        && (filters.isEmpty() || all(filters, object.selectable()))
        && (contents.isEmpty() || all(contents, object.message()));
  }

  private static boolean all(List<Predicate<Message>> filters, Message message) {
    for (Predicate<Message> filter : filters) {
      if (!filter.test(message)) {
        return false;
      }
    }
    return true;
  }

  /// Whether to decide about this object takes a message that may take its time to be made.
  boolean waitsFor(CachedObject object) {
    return !contents.isEmpty() && named(object) && object.mayBlock();
  }

  private boolean named(CachedObject object) {
    return (namespace.isEmpty() || namespace.equals(object.key().namespace()))
        && (name.isEmpty() || name.equals(object.key().name()));
  }
}
