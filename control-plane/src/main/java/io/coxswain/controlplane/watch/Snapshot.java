package io.coxswain.controlplane.watch;

import java.util.List;

/// A kind's objects in the order of their keys, as they were at one revision.
public record Snapshot(List<CachedObject> objects, long revision) {}
