package io.coxswain.node.runtime;

import org.junit.jupiter.api.BeforeAll;

final class CrunTest extends MonitoredRuntimeTest {

  CrunTest() {
    super("crun");
  }

  @BeforeAll
  static void theLayoutSuitsCrun() throws Exception {
    RealRuntime.assumeThatCrunWorks();
  }
}
