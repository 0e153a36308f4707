package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Containers of an image and a command.
public final class Containers {

  private Containers() {}

  /// Adds one for each image, named by it.
  static void ofImages(ArrayNode containers, List<String> images, Options options) {
    if (images.size() > 1 && !options.afterDashes().isEmpty()) {
      throw new Failure("error: cannot specify multiple --image options and command");
    }
    Set<String> names = new HashSet<>();
    for (String image : images) {
      String name = name(image);
      String unique = name;
      for (int i = 2; !names.add(unique); i++) {
        unique = name + "-" + i;
      }
      command(containers.addObject().put("name", unique).put("image", image), options);
    }
  }

  /// What stands after the dashes, when something does.
  public static void command(ObjectNode container, Options options) {
    if (!options.afterDashes().isEmpty()) {
      ArrayNode command = container.putArray("command");
      options.afterDashes().forEach(command::add);
    }
  }

  /// `nginx` of `registry.example/library/nginx:1.27`.
  static String name(String image) {
    String last = image.replaceAll("/+$", "");
    last = last.substring(last.lastIndexOf('/') + 1);
    String name =
        last.replaceAll("[@:].*", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9-]", "-")
            .replaceAll("^-+|-+$", "");
    return name.isEmpty() ? "main" : name;
  }
}
