package io.coxswain.controlplane.fieldset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How one state of an object differs from an earlier one. A field is in one of the sets at most.
///
/// @param added not there before
/// @param modified there before, with another value
/// @param removed there before, and not now
@SuppressWarnings("ReferenceEquality") // parts that two states share need no look
public record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {

  /// @param before null for an object that was not there
  public static <V> Comparison of(Shape.Fields<V> shape, @Nullable V before, V after) {
    Level root = new Level();
    fields(shape, before, after, root);
    return new Comparison(root.added.set(), root.modified.set(), root.removed.set());
  }

  public boolean isSame() {
    return added.isEmpty() && modified.isEmpty() && removed.isEmpty();
  }

  /// What was written: added or modified.
  public FieldSet written() {
    return added.union(modified);
  }

  /// Without these fields and all below them.
  public Comparison without(FieldSet fields) {
    return fields.isEmpty() || isSame()
        ? this
        : new Comparison(
            added.withoutAllOf(fields),
            modified.withoutAllOf(fields),
            removed.withoutAllOf(fields));
  }

  /// The changes at one level of the object. Most levels have none, so the builders are made when
  /// the first comes.
  private static final class Level {

    private final Part added = new Part();
    private final Part modified = new Part();
    private final Part removed = new Part();

    void below(PathElement element, Level level) {
      added.below(element, level.added);
      modified.below(element, level.modified);
      removed.below(element, level.removed);
    }
  }

  private static final class Part {

    private @Nullable FieldSetBuilder builder;

    void add(FieldSet.Node node) {
      FieldSetBuilder known = builder;
      if (known == null) {
        known = new FieldSetBuilder();
        builder = known;
      }
      known.add(node);
    }

    void below(PathElement element, Part part) {
      FieldSet set = part.set();
      if (!set.isEmpty()) {
        add(new FieldSet.Node(element, false, set));
      }
    }

    FieldSet set() {
      return builder == null ? FieldSet.EMPTY : builder.build();
    }
  }

  /// Absent sides count as empty.
  private static <V> void fields(
      Shape.Fields<V> shape, @Nullable V before, @Nullable V after, Level out) {
    for (Shape.Slot<V> slot : shape.slots(before, after)) {
      V old = before == null ? null : slot.value(before);
      V now = after == null ? null : slot.value(after);
      if (old == now) {
        continue;
      }
      if (old != null && now != null) {
        inside(slot.shape(), old, now, slot.leaf(), out);
      } else if (slot.isLasting() && !(slot.shape() instanceof Shape.Leaf<V>)) {
        lasting(slot, old, now, out);
      } else if (now != null) {
        out.added.add(everything(slot.leaf(), slot.shape(), now));
      } else if (old != null) {
        out.removed.add(everything(slot.leaf(), slot.shape(), old));
      }
    }
  }

  private static <V> void lasting(
      Shape.Slot<V> slot, @Nullable V before, @Nullable V after, Level out) {
    Level level = new Level();
    switch (slot.shape()) {
      case Shape.Fields<V> fields -> fields(fields, before, after, level);
      case Shape.Elements<V> elements -> elements(elements, before, after, level);
      case Shape.Leaf<V> _ -> {}
    }
    out.below(slot.element(), level);
  }

  private static <V> void inside(Shape<V> shape, V before, V after, FieldSet.Node leaf, Level out) {
    Level level = new Level();
    switch (shape) {
      case Shape.Leaf<V> whole -> {
        if (!whole.same(before, after)) {
          out.modified.add(leaf);
        }
      }
      case Shape.Fields<V> fields -> fields(fields, before, after, level);
      case Shape.Elements<V> elements -> elements(elements, before, after, level);
    }
    out.below(leaf.element(), level);
  }

  private static <V> void elements(
      Shape.Elements<V> shape, @Nullable V before, @Nullable V after, Level out) {
    Map<PathElement, List<V>> old = byElement(shape, before);
    Map<PathElement, List<V>> now = byElement(shape, after);
    now.forEach((element, items) -> {
      List<V> were = old.getOrDefault(element, List.of());
      if (were.isEmpty()) {
        out.added.add(element(shape, element, items));
      } else if (were.size() == 1 && items.size() == 1) {
        if (were.getFirst() != items.getFirst()) {
          inside(shape.item(), were.getFirst(), items.getFirst(), FieldSet.Node.leaf(element), out);
        }
      } else if (!were.equals(items)) {
        // Elements that cannot be told apart are one to their owners.
        out.modified.add(FieldSet.Node.leaf(element));
      }
    });
    old.forEach((element, items) -> {
      if (!now.containsKey(element)) {
        out.removed.add(element(shape, element, items));
      }
    });
  }

  private static <V> FieldSet.Node element(
      Shape.Elements<V> shape, PathElement element, List<V> items) {
    FieldSet.Node leaf = FieldSet.Node.leaf(element);
    return items.size() == 1 ? everything(leaf, shape.item(), items.getFirst()) : leaf;
  }

  private static <V> Map<PathElement, List<V>> byElement(
      Shape.Elements<V> shape, @Nullable V list) {
    Map<PathElement, List<V>> byElement = new LinkedHashMap<>();
    if (list != null) {
      for (V item : shape.items(list)) {
        byElement.merge(
            shape.element(item),
            List.of(item),
            (first, second) -> {
              List<V> all = new ArrayList<>(first);
              all.addAll(second);
              return all;
            });
      }
    }
    return byElement;
  }

  /// A value with all that is in it: what its author owns who made it.
  private static <V> FieldSet.Node everything(FieldSet.Node leaf, Shape<V> shape, V value) {
    FieldSet below =
        switch (shape) {
          case Shape.Leaf<V> _ -> FieldSet.EMPTY;
          case Shape.Fields<V> fields -> {
            FieldSetBuilder builder = new FieldSetBuilder();
            for (Shape.Slot<V> slot : fields.slots(value, null)) {
              V inner = slot.shown(value);
              if (inner != null) {
                builder.add(everything(slot.leaf(), slot.shape(), inner));
              }
            }
            yield builder.build();
          }
          case Shape.Elements<V> elements -> {
            FieldSetBuilder builder = new FieldSetBuilder();
            for (V item : elements.items(value)) {
              builder.add(
                  everything(FieldSet.Node.leaf(elements.element(item)), elements.item(), item));
            }
            yield builder.build();
          }
        };
    return below.isEmpty() ? leaf : new FieldSet.Node(leaf.element(), true, below);
  }
}
