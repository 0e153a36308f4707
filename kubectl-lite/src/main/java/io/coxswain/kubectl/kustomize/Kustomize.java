package io.coxswain.kubectl.kustomize;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.create.ContentHash;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// Builds the objects of a kustomization.
public final class Kustomize {

  private Kustomize() {}

  /// @param environment for env files of generators, whose keys may have no value
  /// @throws Failure naming the file and what is wrong in it
  public static List<ObjectNode> build(Path folder, Map<String, String> environment) {
    List<Item> items = new ArrayList<>();
    new Level(folder.toAbsolutePath().normalize(), environment, List.of()).addTo(items);
    // last, as any level may have changed what is hashed
    Map<Item, String> before = new HashMap<>();
    for (Item item : items) {
      before.put(item, item.name());
      if (item.isHashed()) {
        item.rename(item.name() + "-" + ContentHash.of(item.object(), ""));
      }
    }
    new References(items, before).rewrite();
    items.sort(new Order());
    return items.stream().map(Item::object).toList();
  }

  static Failure wrong(Path file, String what) {
    return new Failure("error: " + file + ": " + what);
  }
}
