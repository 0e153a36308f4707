package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.document.MergePatch;
import io.coxswain.kubectl.document.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `--overrides`: fields that no option of `run` and `expose` names.
final class Overrides {

  private Overrides() {}

  static Options declare(Options options) {
    return options
        .value("overrides", ' ', "", "JSON that is merged into the object")
        .value("override-type", ' ', "merge", "merge: as a JSON merge patch");
  }

  static ObjectNode apply(Options options, ObjectNode object) {
    if (options.find("overrides").isEmpty()) {
      return object;
    }
    if (!options.text("override-type").equals("merge")) {
      throw new Failure(
          "error: --override-type="
              + options.text("override-type")
              + " is not built into kubectl-lite: it takes merge");
    }
    try {
      JsonNode patch = Yaml.one(options.text("overrides").getBytes(StandardCharsets.UTF_8));
      return (ObjectNode) MergePatch.apply(object, patch);
    } catch (IOException e) {
      throw new Failure("error: invalid --overrides: " + e.getMessage());
    }
  }
}
