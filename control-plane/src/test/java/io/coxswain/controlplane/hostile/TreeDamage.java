package io.coxswain.controlplane.hostile;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Changes a good object in a few places, so that most of it still means something and what is
/// wrong is met deep inside.
final class TreeDamage {

  /// Where a value hangs: a field of an object or a place in a list.
  private record Place(JsonNode parent, String field, int index) {
    JsonNode value() {
      return parent instanceof ObjectNode object ? object.get(field) : parent.get(index);
    }

    void set(JsonNode value) {
      if (parent instanceof ObjectNode object) {
        object.set(field, value);
      } else if (parent instanceof ArrayNode list) {
        list.set(index, value);
      }
    }
  }

  private static final List<String> METADATA =
      List.of(
          "uid",
          "resourceVersion",
          "generation",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "generateName",
          "labels",
          "annotations",
          "finalizers",
          "ownerReferences",
          "managedFields",
          "selfLink",
          "namespace",
          "name");

  private final Chance chance;

  TreeDamage(Chance chance) {
    this.chance = chance;
  }

  /// @param tree is changed
  void damage(ObjectNode tree, int times) {
    for (int i = 0; i < times; i++) {
      once(tree);
    }
  }

  private void once(ObjectNode tree) {
    List<Place> places = new ArrayList<>();
    collect(tree, places);
    if (places.isEmpty()) {
      return;
    }
    Place place = chance.of(places);
    switch (chance.below(14)) {
      case 0 -> remove(place);
      case 1 -> place.set(chance.of(places).value().deepCopy());
      case 2 -> twice(place);
      case 3 -> place.set(tree.objectNode().stringNode(chance.of(Nasty.TEXTS)));
      case 4 -> {
        if (place.parent() instanceof ObjectNode object) {
          object.set(chance.of(Nasty.TEXTS), place.value().deepCopy());
        }
      }
      case 5 -> {
        if (tree.path("metadata") instanceof ObjectNode metadata) {
          metadata.set(chance.of(METADATA), Nasty.value(chance));
        }
      }
      case 6 -> place.set(tree.arrayNode().add(place.value().deepCopy()));
      case 7 -> place.set(Nasty.value(chance));
      default -> place.set(Nasty.like(place.value(), chance));
    }
  }

  private static void remove(Place place) {
    if (place.parent() instanceof ObjectNode object) {
      object.remove(place.field());
    } else if (place.parent() instanceof ArrayNode list) {
      list.remove(place.index());
    }
  }

  private void twice(Place place) {
    if (place.value() instanceof ArrayNode list && !list.isEmpty()) {
      int times = chance.percent(5) ? 2000 : 1;
      for (int i = 0; i < times; i++) {
        list.add(list.get(0).deepCopy());
      }
    }
  }

  private static void collect(JsonNode node, List<Place> places) {
    if (node instanceof ObjectNode object) {
      for (String field : object.propertyNames()) {
        places.add(new Place(object, field, 0));
        collect(object.get(field), places);
      }
    } else if (node instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        places.add(new Place(list, "", i));
        collect(list.get(i), places);
      }
    }
  }
}
