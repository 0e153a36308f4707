package io.coxswain.simulation;

/// How likely what goes wrong, each from 0 to 1.
///
/// @param refused a call does not reach the API
/// @param lost a call is carried out and its answer is lost
/// @param killed the caller dies at a call, before or after it is carried out
/// @param repeated a watch tells an event twice
/// @param expired all watches end in a step, and what they missed is forgotten
record Faults(double refused, double lost, double killed, double repeated, double expired) {

  static final Faults NONE = new Faults(0, 0, 0, 0, 0);
  static final Faults MANY = new Faults(0.02, 0.02, 0.005, 0.05, 0.002);
}
