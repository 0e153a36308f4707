package io.coxswain.controlplane.controller.namespace;

import static java.util.Comparator.comparingInt;

import com.google.protobuf.Message;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// In which order kinds are emptied: what makes pods, then pods, then what pods use. Nothing of the
/// last is touched while a pod is left, so that no pod runs on without what guards it, as a
/// NetworkPolicy, or what it needs (KEP-5080).
final class ContentOrder {

  private static final Set<String> MAKERS = Set.of("apps", "batch");
  private static final int PODS = 1;

  private ContentOrder() {}

  /// Every kind that lives in namespaces and is stored.
  ///
  /// @param custom kinds that people define
  static List<ResourceType<? extends Message>> kinds(
      List<? extends ResourceType<? extends Message>> custom) {
    return Stream.<ResourceType<? extends Message>>concat(
            custom.stream(), Schema.api().types().stream())
        .filter(type -> type.namespaced() && type.stored())
        .<ResourceType<? extends Message>>map(type -> type)
        .sorted(comparingInt(ContentOrder::rank))
        .toList();
  }

  static boolean followsPods(ResourceType<? extends Message> type) {
    return rank(type) > PODS;
  }

  private static int rank(ResourceType<? extends Message> type) {
    if (MAKERS.contains(type.group()) || type.plural().equals("replicationcontrollers")) {
      return 0;
    }
    return type.qualifiedPlural().equals("pods") ? PODS : PODS + 1;
  }
}
