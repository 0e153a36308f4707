package io.coxswain.node.runtime;

final class RuncTest extends MonitoredRuntimeTest {

  RuncTest() {
    super("runc");
  }
}
