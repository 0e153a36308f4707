package io.coxswain.kubectl.config;

import io.coxswain.kubectl.document.Json;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Files that a kubeconfig names: a relative path means one beside the kubeconfig.
final class LocalPaths {

  private LocalPaths() {}

  private static List<String> fields(Section section) {
    return switch (section) {
      case CLUSTERS -> List.of("certificate-authority");
      case USERS -> List.of("client-certificate", "client-key", "tokenFile");
      case CONTEXTS -> List.of();
    };
  }

  private static Path folder(Path kubeconfig) {
    Path parent = kubeconfig.toAbsolutePath().getParent();
    return parent == null ? Path.of("/") : parent;
  }

  /// A copy whose paths are good everywhere.
  static ObjectNode absolute(Section section, ObjectNode held, Path kubeconfig) {
    ObjectNode copy = held.deepCopy();
    for (String field : fields(section)) {
      String path = Json.text(held, field);
      if (!path.isEmpty()) {
        copy.put(field, folder(kubeconfig).resolve(path).normalize().toString());
      }
    }
    return copy;
  }

  /// A copy that can be moved together with the files below the kubeconfig's folder.
  static ObjectNode relative(Section section, ObjectNode held, Path kubeconfig) {
    ObjectNode copy = held.deepCopy();
    for (String field : fields(section)) {
      String path = Json.text(held, field);
      if (!path.isEmpty() && Path.of(path).startsWith(folder(kubeconfig))) {
        copy.put(field, folder(kubeconfig).relativize(Path.of(path)).toString());
      }
    }
    return copy;
  }
}
