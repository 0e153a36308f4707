package io.coxswain.controlplane.fairness;

/// A place to work in a priority level. Given back by [#close], once; closing again does nothing.
public interface Seat extends AutoCloseable {

  @Override
  void close();
}
