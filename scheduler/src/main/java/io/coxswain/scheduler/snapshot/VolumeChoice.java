package io.coxswain.scheduler.snapshot;

import java.util.Optional;

/// What a decision means for a claim that has no volume yet.
///
/// @param node for which it was made
/// @param volume a free one that the claim gets; nothing when one is to be provisioned
public record VolumeChoice(String node, Optional<String> volume) {}
