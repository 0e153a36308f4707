package io.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.host.Processes;
import io.coxswain.node.host.Processes.Command;
import io.coxswain.node.host.Processes.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadinessTest {

  private final List<Command> ran = new ArrayList<>();
  private final Processes systemd =
      command -> {
        ran.add(command);
        return new Outcome(0, "", "");
      };

  @Test
  void systemdHearsItWhereItWaits() throws Exception {
    Readiness.tell(Map.of("COXSWAIN_NOTIFY_SOCKET", "/run/systemd/notify"), systemd);
    assertThat(ran).hasSize(1);
    assertThat(ran.getFirst().arguments()).containsExactly("systemd-notify", "--ready");
    assertThat(ran.getFirst().environment()).containsEntry("NOTIFY_SOCKET", "/run/systemd/notify");
  }

  @Test
  void elsewhereNothingIsRun() throws Exception {
    Readiness.tell(Map.of("HOME", "/root"), systemd);
    assertThat(ran).isEmpty();
  }

  @Test
  void theProgramGoesOnWhenItCannotBeTold() throws Exception {
    Readiness.tell(
        Map.of("COXSWAIN_NOTIFY_SOCKET", "@abstract"),
        command -> {
          ran.add(command);
          throw new IOException("no such program");
        });
    assertThat(ran).hasSize(1);
  }
}
