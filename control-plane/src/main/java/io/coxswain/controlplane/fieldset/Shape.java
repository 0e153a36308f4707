package io.coxswain.controlplane.fieldset;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a value is owned: as a whole, field by field, or element by element. The walks over objects
/// know values only through this.
///
/// @param <V> what values are made of
public sealed interface Shape<V> {

  /// Owned as one: a scalar, or anything that the schema calls atomic.
  non-sealed interface Leaf<V> extends Shape<V> {
    boolean same(V left, V right);
  }

  /// Owned field by field: an object with known fields, or a map.
  non-sealed interface Fields<V> extends Shape<V> {

    /// What may stand in either of the values, in the order of the names.
    List<? extends Slot<V>> slots(@Nullable V left, @Nullable V right);

    /// The place of that name; null where there can be none.
    @Nullable Slot<V> slot(String name);

    boolean isEmpty(V value);

    /// Begins to change a value, which itself stays as it is.
    ///
    /// @param base null for an empty one
    Edit<V> edit(@Nullable V base);
  }

  /// Owned element by element, each known by something that is in it.
  non-sealed interface Elements<V> extends Shape<V> {

    List<V> items(V list);

    V list(List<V> items);

    /// What an element is known by. Fields of its key that it lacks are left out.
    PathElement element(V item);

    /// The first field of its key that the element lacks; empty for none.
    String missingKey(V item);

    Shape<V> item();
  }

  /// A place in an object.
  interface Slot<V> {

    PathElement.Field element();

    /// The element as a member of a set with nothing below it.
    FieldSet.Node leaf();

    Shape<V> shape();

    /// A field that the schema names, not an entry of a map.
    boolean isNamed();

    /// Whether the field stands in every object, if only empty: it comes and goes with the object
    /// alone.
    boolean isLasting();

    /// What stands there; null for nothing.
    @Nullable V value(V object);

    /// As `value`, but the empty value of a lasting field that has one.
    @Nullable V shown(V object);
  }

  /// A changed value in the making.
  interface Edit<V> {

    void set(Slot<V> slot, V value);

    void remove(Slot<V> slot);

    V done();
  }
}
