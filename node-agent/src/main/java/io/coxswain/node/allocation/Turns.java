package io.coxswain.node.allocation;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.runtime.PodResources;
import java.time.Instant;
import java.util.Comparator;

/// Who of those that want other resources is heard first: who wants no more than it has, then by
/// priority, then guaranteed pods, then who has waited longest. Pure.
final class Turns {

  /// @param since it has waited
  record Request(Pod pod, boolean increases, Instant since) {}

  static final Comparator<Request> ORDER =
      Comparator.comparing(Request::increases)
          .thenComparing(
              Comparator.comparingInt((Request one) -> one.pod().getSpec().getPriority())
                  .reversed())
          .thenComparing(one -> PodResources.qos(one.pod()) != PodResources.Qos.GUARANTEED)
          .thenComparing(Request::since);

  private Turns() {}
}
