package io.coxswain.controlplane.fieldset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A map field, whose entries are owned one by one.
record MessageMapShape(Shape<Object> value) implements Shape.Fields<Object> {

  @Override
  public List<Entry> slots(@Nullable Object left, @Nullable Object right) {
    TreeSet<String> names = new TreeSet<>();
    for (Object side : new Object[] {orEmpty(left), orEmpty(right)}) {
      ((Map<?, ?>) side).keySet().forEach(name -> names.add((String) name));
    }
    List<Entry> slots = new ArrayList<>(names.size());
    names.forEach(name -> slots.add(slot(name)));
    return slots;
  }

  private static Object orEmpty(@Nullable Object map) {
    return map == null ? Map.of() : map;
  }

  @Override
  public Entry slot(String name) {
    PathElement.Field element = new PathElement.Field(name);
    return new Entry(element, FieldSet.Node.leaf(element), value);
  }

  @Override
  public boolean isEmpty(Object map) {
    return ((Map<?, ?>) map).isEmpty();
  }

  @Override
  public Shape.Edit<Object> edit(@Nullable Object base) {
    Map<Object, Object> copy = new LinkedHashMap<>((Map<?, ?>) orEmpty(base));
    return new Shape.Edit<>() {
      @Override
      public void set(Shape.Slot<Object> slot, Object entry) {
        copy.put(slot.element().name(), entry);
      }

      @Override
      public void remove(Shape.Slot<Object> slot) {
        copy.remove(slot.element().name());
      }

      @Override
      public Object done() {
        return copy;
      }
    };
  }

  record Entry(PathElement.Field element, FieldSet.Node leaf, Shape<Object> shape)
      implements Shape.Slot<Object> {

    @Override
    public boolean isNamed() {
      return false;
    }

    @Override
    public boolean isLasting() {
      return false;
    }

    @Override
    public @Nullable Object value(Object map) {
      return ((Map<?, ?>) map).get(element.name());
    }

    @Override
    public @Nullable Object shown(Object map) {
      return value(map);
    }
  }
}
