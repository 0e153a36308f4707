package io.coxswain.controlplane.consistency;

/// The state of a key as somebody was shown it.
///
/// @param revision empty, as 0, when the key was not there
/// @param value empty when the key was not there
record Seen(long revision, String value) {

  static final Seen NOTHING = new Seen(0, "");
}
