package io.coxswain.node.pressure;

import io.coxswain.node.pressure.Candidate.Part;
import io.coxswain.node.pressure.Signal.Resource;
import java.util.Comparator;
import java.util.List;

/// Who goes first when a node is short of something: who uses more than it asked for, then by
/// priority, then by how much more it uses. Of process numbers nobody asks for any: there priority
/// comes first. Pure.
final class Ranking {

  private Ranking() {}

  /// @param separate whether images have a file system of their own
  static List<Candidate> rank(List<Candidate> pods, Signal signal, boolean separate) {
    Resource resource = signal.resource();
    Part part = Candidate.part(signal, separate);
    Comparator<Candidate> byPriority =
        Comparator.comparingInt(one -> one.pod().getSpec().getPriority());
    Comparator<Candidate> byExcess =
        Comparator.comparingLong((Candidate one) -> excess(one, resource, part)).reversed();
    Comparator<Candidate> order =
        resource == Resource.PIDS
            ? byPriority.thenComparing(byExcess)
            : Comparator.comparing((Candidate one) -> excess(one, resource, part) <= 0)
                .thenComparing(byPriority)
                .thenComparing(byExcess);
    return pods.stream().sorted(order).toList();
  }

  private static long excess(Candidate pod, Resource resource, Part part) {
    return pod.use(resource, part) - pod.request(resource);
  }
}
