package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;

/// What a delete came to.
///
/// @param object its last state; or, when it is still there, as it is marked now
/// @param gone whether it is removed; otherwise a grace period or finalizers keep it
public record Deleted(Message object, boolean gone) {}
