package io.coxswain.node.stream;

import io.coxswain.node.runtime.RealRuntime;
import org.junit.jupiter.api.BeforeAll;

final class CrunExecStreamsTest extends ExecStreamsTest {

  CrunExecStreamsTest() {
    super("crun");
  }

  @BeforeAll
  static void theLayoutSuitsCrun() throws Exception {
    RealRuntime.assumeThatCrunWorks();
  }
}
