package io.coxswain.simulation;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.Transport.Call;
import io.coxswain.client.Transport.Verb;
import java.util.ArrayDeque;

/// The last writes, for whoever reads a failure.
final class Trace {

  private static final int KEPT = 60;

  private final ArrayDeque<String> lines = new ArrayDeque<>();

  void wrote(String caller, Call call, Message answer) {
    if (call.verb() == Verb.GET) {
      return;
    }
    note(
        caller
            + ": "
            + call.verb()
            + " "
            + call.type().plural()
            + "/"
            + call.name()
            + (call.subresource().isEmpty() ? "" : "/" + call.subresource())
            + detail(answer));
  }

  void note(String line) {
    lines.add(line);
    if (lines.size() > KEPT) {
      lines.remove();
    }
  }

  private static String detail(Message answer) {
    return switch (answer) {
      case ReplicaSet set ->
          " asks for "
              + set.getSpec().getReplicas()
              + ", says "
              + set.getStatus().getReplicas()
              + ", available "
              + set.getStatus().getAvailableReplicas();
      case Pod pod ->
          " "
              + pod.getMetadata().getName()
              + " "
              + pod.getStatus().getPhase()
              + (Invariants.ready(pod) ? " ready" : "")
              + (pod.getMetadata().hasDeletionTimestamp() ? " ending" : "");
      default -> "";
    };
  }

  @Override
  public String toString() {
    return String.join("\n  ", lines);
  }
}
