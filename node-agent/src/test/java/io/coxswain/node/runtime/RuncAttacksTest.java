package io.coxswain.node.runtime;

final class RuncAttacksTest extends ContainerAttacksTest {

  RuncAttacksTest() {
    super("runc");
  }
}
