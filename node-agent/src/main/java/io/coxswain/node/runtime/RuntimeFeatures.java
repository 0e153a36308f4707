package io.coxswain.node.runtime;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.host.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a runtime can that not all can.
///
/// @param recursiveReadOnly whether it makes mounts read-only with all that is mounted below them
/// @param userNamespaces whether its containers may have users of their own
record RuntimeFeatures(boolean recursiveReadOnly, boolean userNamespaces) {

  static final RuntimeFeatures NONE = new RuntimeFeatures(false, false);

  private static final Logger log = LoggerFactory.getLogger(RuntimeFeatures.class);

  /// Asks the program (runtime-spec, features.md). One that does not know the question can nothing.
  static RuntimeFeatures ask(Processes processes, Path program)
      throws IOException, InterruptedException {
    Processes.Outcome said = processes.run(Processes.Command.of(program.toString(), "features"));
    if (!said.ok()) {
      log.debug("{} does not tell its features: {}", program, said.err());
      return NONE;
    }
    try {
      return read(said.out());
    } catch (JacksonException e) {
      log.info("{} tells its features in a form that is not known: {}", program, e.getMessage());
      return NONE;
    }
  }

  static RuntimeFeatures read(String json) {
    JsonNode features = JsonTrees.read(json);
    return new RuntimeFeatures(
        texts(features.path("mountOptions")).contains("rro"),
        texts(features.path("linux").path("namespaces")).contains("user"));
  }

  /// Of these what the kernel can, too.
  ///
  /// @param kernel its release
  RuntimeFeatures on(String kernel) {
    return new RuntimeFeatures(
        recursiveReadOnly && Kernels.isAtLeast(kernel, Kernels.MOUNT_ATTRIBUTES),
        userNamespaces && Kernels.isAtLeast(kernel, Kernels.MAPPED_TMPFS));
  }

  private static List<String> texts(JsonNode list) {
    return list.isArray()
        ? list.values().stream().filter(JsonNode::isString).map(JsonNode::asString).toList()
        : List.of();
  }
}
