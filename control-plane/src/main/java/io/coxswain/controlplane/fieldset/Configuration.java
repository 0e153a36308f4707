package io.coxswain.controlplane.fieldset;

import com.google.protobuf.Message;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What somebody applies: the fields that it claims, and the object that it makes of one that is
/// there.
@SuppressWarnings("ReferenceEquality") // what does not change is handed on, and known again
public final class Configuration {

  private Configuration() {}

  /// Two elements of a list cannot be told apart, or one has nothing that it could be known by.
  public static final class AmbiguousException extends Exception {
    private static final long serialVersionUID = 1;

    AmbiguousException(String message) {
      super(message);
    }
  }

  /// The fields that a configuration claims: all that it names.
  ///
  /// @throws AmbiguousException naming the path
  public static <V> FieldSet fields(Shape<V> shape, V value) throws AmbiguousException {
    return fields(shape, value, new ArrayList<>());
  }

  private static <V> FieldSet fields(Shape<V> shape, V value, List<PathElement> path)
      throws AmbiguousException {
    FieldSetBuilder builder = new FieldSetBuilder();
    switch (shape) {
      case Shape.Leaf<V> _ -> {}
      case Shape.Fields<V> fields -> {
        for (Shape.Slot<V> slot : fields.slots(value, null)) {
          V inner = slot.value(value);
          if (inner != null) {
            path.add(slot.element());
            boolean whole =
                !slot.isNamed()
                    || switch (slot.shape()) {
                      case Shape.Leaf<V> _ -> true;
                      case Shape.Fields<V> below -> below.isEmpty(inner);
                      case Shape.Elements<V> _ -> false;
                    };
            var _ = builder.add(slot.element(), whole, fields(slot.shape(), inner, path));
            path.removeLast();
          }
        }
      }
      case Shape.Elements<V> elements -> {
        Map<PathElement, V> known = new LinkedHashMap<>();
        for (V item : elements.items(value)) {
          String missing = elements.missingKey(item);
          if (!missing.isEmpty()) {
            throw new AmbiguousException(
                FieldSet.text(path)
                    + ": element "
                    + known.size()
                    + ": associative list with keys has an element that omits key field \""
                    + missing
                    + "\" (and doesn't have default value)");
          }
          PathElement element = elements.element(item);
          if (known.put(element, item) != null) {
            throw new AmbiguousException(
                FieldSet.text(path) + ": duplicate entries for key " + element);
          }
          path.add(element);
          var _ = builder.add(element, true, fields(elements.item(), item, path));
          path.removeLast();
        }
      }
    }
    return builder.build();
  }

  /// What of a configuration is a list, a map or an object that is owned as one, by its path.
  public static <V> List<String> atomics(Shape<V> shape, V value) {
    List<String> found = new ArrayList<>();
    atomics(shape, value, "", found);
    return found;
  }

  private static <V> void atomics(Shape<V> shape, V value, String path, List<String> found) {
    switch (shape) {
      case Shape.Leaf<V> _ -> {
        if (isComposed(value)) {
          found.add(path);
        }
      }
      case Shape.Fields<V> fields -> {
        for (Shape.Slot<V> slot : fields.slots(value, null)) {
          V inner = slot.value(value);
          if (inner != null) {
            atomics(slot.shape(), inner, path + slot.element(), found);
          }
        }
      }
      case Shape.Elements<V> elements -> {
        for (V item : elements.items(value)) {
          atomics(elements.item(), item, path + elements.element(item), found);
        }
      }
    }
  }

  private static boolean isComposed(Object value) {
    return switch (value) {
      case Collection<?> _ -> true;
      case Map<?, ?> _ -> true;
      case JsonNode node -> node.isContainer();
      case Message message ->
          MessageSchema.of(message.getDescriptorForType()).jsonForm() == JsonForm.OBJECT;
      default -> false;
    };
  }

  /// A value with a configuration laid over it; the value itself where that changes nothing.
  public static <V> V merged(Shape<V> shape, V live, V config) {
    return switch (shape) {
      case Shape.Leaf<V> whole -> whole.same(live, config) ? live : config;
      case Shape.Fields<V> fields -> {
        Shape.Edit<V> edit = null;
        for (Shape.Slot<V> slot : fields.slots(config, null)) {
          V wanted = slot.value(config);
          if (wanted == null) {
            continue;
          }
          V before = slot.value(live);
          V after = before == null ? wanted : merged(slot.shape(), before, wanted);
          if (after != before) {
            edit = edit == null ? fields.edit(live) : edit;
            edit.set(slot, after);
          }
        }
        yield edit == null ? live : edit.done();
      }
      case Shape.Elements<V> elements -> elements(elements, live, config);
    };
  }

  /// Elements that are there keep their order, those of the configuration have its order among
  /// themselves, and new ones come before the next that is in both.
  private static <V> V elements(Shape.Elements<V> shape, V live, V config) {
    List<V> there = shape.items(live);
    Map<PathElement, V> before = new LinkedHashMap<>();
    there.forEach(item -> before.putIfAbsent(shape.element(item), item));
    Map<PathElement, Integer> places = new LinkedHashMap<>();
    List<V> wanted = shape.items(config);
    List<Boolean> shared = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      PathElement element = shape.element(wanted.get(i));
      places.put(element, i);
      shared.add(before.containsKey(element));
    }
    List<V> merged = new ArrayList<>(there.size() + wanted.size());
    int next = 0;
    for (V item : there) {
      Integer place = places.get(shape.element(item));
      if (place == null) {
        merged.add(item);
      } else if (place == nextShared(shared, next)) {
        while (next <= place) {
          merged.add(laidOver(shape, before, wanted.get(next++)));
        }
      }
    }
    while (next < wanted.size()) {
      merged.add(laidOver(shape, before, wanted.get(next++)));
    }
    return same(there, merged) ? live : shape.list(merged);
  }

  private static int nextShared(List<Boolean> shared, int from) {
    int next = from;
    while (next < shared.size() && !shared.get(next)) {
      next++;
    }
    return next;
  }

  private static <V> V laidOver(Shape.Elements<V> shape, Map<PathElement, V> before, V wanted) {
    V item = before.get(shape.element(wanted));
    return item == null ? wanted : merged(shape.item(), item, wanted);
  }

  private static <V> boolean same(List<V> left, List<V> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (left.get(i) != right.get(i)) {
        return false;
      }
    }
    return true;
  }

  /// A set in which the fields that the schema names are members too where something below them is.
  /// Who owns the last of the fields of an object so owns the object.
  static <V> FieldSet withParents(Shape<V> shape, FieldSet set) {
    if (set.isEmpty()) {
      return set;
    }
    FieldSetBuilder builder = new FieldSetBuilder();
    for (FieldSet.Node node : set.nodes()) {
      Shape<V> below = null;
      boolean member = node.member();
      if (shape instanceof Shape.Fields<V> fields
          && node.element() instanceof PathElement.Field(String name)) {
        Shape.Slot<V> slot = fields.slot(name);
        below = slot == null ? null : slot.shape();
        member = member || (slot != null && slot.isNamed());
      } else if (shape instanceof Shape.Elements<V> elements) {
        below = elements.item();
      }
      FieldSet inner = below == null ? node.below() : withParents(below, node.below());
      builder.add(
          member == node.member() && inner == node.below()
              ? node
              : new FieldSet.Node(node.element(), member, inner));
    }
    return builder.build();
  }

  /// A value without those of its fields that are members; null when nothing is left.
  static <V> @Nullable V without(Shape<V> shape, V value, FieldSet removed) {
    return switch (shape) {
      case Shape.Leaf<V> _ -> value;
      case Shape.Fields<V> fields -> {
        Shape.Edit<V> edit = null;
        for (FieldSet.Node node : removed.nodes()) {
          Shape.Slot<V> slot =
              node.element() instanceof PathElement.Field(String name) ? fields.slot(name) : null;
          V before = slot == null ? null : slot.value(value);
          if (slot == null || before == null) {
            continue;
          }
          V after = node.member() ? null : without(slot.shape(), before, node.below());
          if (after != before) {
            edit = edit == null ? fields.edit(value) : edit;
            if (after == null) {
              edit.remove(slot);
            } else {
              edit.set(slot, after);
            }
          }
        }
        V left = edit == null ? value : edit.done();
        yield edit != null && fields.isEmpty(left) ? null : left;
      }
      case Shape.Elements<V> elements -> {
        List<V> kept = new ArrayList<>();
        List<V> items = elements.items(value);
        for (V item : items) {
          FieldSet.Node node = removed.find(elements.element(item));
          V after =
              node == null
                  ? item
                  : node.member() ? null : without(elements.item(), item, node.below());
          if (after != null) {
            kept.add(after);
          }
        }
        yield kept.isEmpty() ? null : same(items, kept) ? value : elements.list(kept);
      }
    };
  }
}
