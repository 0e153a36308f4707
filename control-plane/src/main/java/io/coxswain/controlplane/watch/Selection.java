package io.coxswain.controlplane.watch;

import com.google.protobuf.Message;
import java.util.function.Predicate;

/// Which objects of a kind a reader wants.
///
/// @param namespace empty for all
/// @param name empty for all
/// @param matches the selectors; asked only for objects that the names let through
public record Selection(String namespace, String name, Predicate<Message> matches) {

  private static final Predicate<Message> ANY = _ -> true;

  public static final Selection ALL = new Selection("", "", ANY);

  public static Selection in(String namespace) {
    return new Selection(namespace, "", ANY);
  }

  public boolean includes(CachedObject object) {
    return (namespace.isEmpty() || namespace.equals(object.key().namespace()))
        && (name.isEmpty() || name.equals(object.key().name()))
        && (matches == ANY || matches.test(object.message()));
  }
}
