package io.coxswain.controlplane.controller.podgc;

import static io.coxswain.controlplane.controller.framework.Samples.finished;
import static io.coxswain.controlplane.controller.framework.Samples.meta;
import static io.coxswain.controlplane.controller.framework.Samples.pod;
import static io.coxswain.controlplane.controller.framework.Samples.running;
import static io.coxswain.controlplane.controller.framework.Samples.terminating;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Taint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodGarbageTest {

  @Test
  void findsWhatNobodyEnds() {
    Node off = node("off", "node.kubernetes.io/out-of-service");
    Map<String, Node> nodes = Map.of("up", node("up", ""), "off", off);
    Pod fine = running(pod("fine"), "up");
    Pod endingNormally = terminating(running(pod("ending"), "up"));
    Pod orphan = running(pod("orphan"), "removed");
    Pod neverAssigned = terminating(pod("never-assigned"));
    Pod onDeadMachine = terminating(running(pod("dead"), "off"));
    Pod waiting = pod("waiting");
    Pod ended = finished(running(pod("ended"), "up"), "Succeeded");

    List<Pod> pods =
        List.of(fine, endingNormally, orphan, neverAssigned, onDeadMachine, waiting, ended);
    PodGarbage garbage = PodGarbage.of(pods, nodes, 1);

    assertThat(garbage.orphaned()).containsExactly(orphan);
    assertThat(garbage.stuck()).containsExactly(neverAssigned, onDeadMachine);
    assertThat(garbage.surplus()).isEmpty();
    assertThat(PodGarbage.of(pods, nodes, 0).surplus()).containsExactly(ended);
  }

  private static Node node(String name, String taint) {
    Node.Builder node = Node.newBuilder().setMetadata(meta(name).clearNamespace());
    if (!taint.isEmpty()) {
      node.getSpecBuilder().addTaints(Taint.newBuilder().setKey(taint).setEffect("NoExecute"));
    }
    return node.build();
  }
}
