/// The verbs of the API on any kind: what create, update, patch, delete, list and watch mean for
/// stored objects, below authentication and authorization. Metadata, optimistic concurrency,
/// deletion with finalizers and grace, subresources and dry runs are the same for all kinds; what
/// is a kind's own, as a Service's cluster IP, is in a small strategy.
///
/// A write goes: decode (before it gets here) → default → prepare by strategy → validate → store.
/// Reads come from the caches of [io.coxswain.controlplane.watch].
@NullMarked
package io.coxswain.controlplane.registry;

import org.jspecify.annotations.NullMarked;
