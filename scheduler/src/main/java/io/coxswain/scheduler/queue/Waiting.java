package io.coxswain.scheduler.queue;

import io.coxswain.scheduler.snapshot.PodInfo;
import java.time.Instant;

/// A pod handed out for a decision.
///
/// @param since when it was first seen
/// @param attempts decisions so far, this one included
/// @param events how many cluster events there had been when it was handed out: what came after was
///   not in its snapshot
public record Waiting(PodInfo pod, Instant since, int attempts, long events) {}
