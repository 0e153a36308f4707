package io.coxswain.node.image;

/// Told before each step of a pull that changes the disk. Lets tests end the process there.
interface PullSteps {

  PullSteps NONE = step -> {};

  void before(String step);
}
