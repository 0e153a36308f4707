package io.coxswain.node.runtime;

final class CrunAttacksTest extends ContainerAttacksTest {

  CrunAttacksTest() {
    super("crun");
  }

  @org.junit.jupiter.api.BeforeAll
  static void theLayoutSuitsCrun() throws Exception {
    RealRuntime.assumeThatCrunWorks();
  }
}
