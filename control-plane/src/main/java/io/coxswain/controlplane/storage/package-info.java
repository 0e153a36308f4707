/// Where the cluster's objects rest: a small interface over a revisioned, watchable map of bytes,
/// on etcd in production and in memory for tests and simulation. Nothing above knows of etcd.
///
/// One revision counts all changes of the store. A write names the revision that it expects to
/// replace, so that of two writers of one object one always loses; nobody locks.
@NullMarked
package io.coxswain.controlplane.storage;

import org.jspecify.annotations.NullMarked;
