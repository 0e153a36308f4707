package io.coxswain.node.runtime;

import io.coxswain.node.runtime.AttackBed.Attack;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What has opened the host to containers elsewhere, tried on real ones. Each attack says what must
/// hold; that a folder of the host is as it was holds after all. `docs/attacks.md` lists them by
/// advisory.
@EnabledIf("io.coxswain.node.host.Root#present")
abstract class ContainerAttacksTest {

  private final String program;

  /// @param program `runc` or `crun`
  ContainerAttacksTest(String program) {
    this.program = program;
  }

  static Stream<Attack> attacks() {
    return Stream.concat(RuntimeAttacks.all(), AgentAttacks.all());
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void doesNotSucceed(Attack attack) throws Exception {
    AttackBed bed = new AttackBed(program);
    try {
      attack.body().on(bed);
    } finally {
      bed.takeAway();
    }
  }
}
