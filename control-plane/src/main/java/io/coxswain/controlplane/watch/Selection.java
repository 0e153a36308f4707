package io.coxswain.controlplane.watch;

import com.google.protobuf.Message;
import java.util.List;
import java.util.function.Predicate;

/// Which objects of a kind a reader wants.
///
/// @param namespace empty for all
/// @param name empty for all
/// @param filters all of which must hold; asked only about objects that the names let through, as
///   asking decodes
public record Selection(String namespace, String name, List<Predicate<Message>> filters) {

  public static final Selection ALL = new Selection("", "", List.of());

  public Selection {
    filters = List.copyOf(filters);
  }

  public static Selection in(String namespace) {
    return new Selection(namespace, "", List.of());
  }

  public boolean includes(CachedObject object) {
    if (!namespace.isEmpty() && !namespace.equals(object.key().namespace())) {
      return false;
    }
    if (!name.isEmpty() && !name.equals(object.key().name())) {
      return false;
    }
    for (Predicate<Message> filter : filters) {
      if (!filter.test(object.selectable())) {
        return false;
      }
    }
    return true;
  }
}
