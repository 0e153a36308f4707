package io.coxswain.node.stream;

final class RuncExecStreamsTest extends ExecStreamsTest {

  RuncExecStreamsTest() {
    super("runc");
  }
}
