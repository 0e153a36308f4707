/// Secrets at rest: a [Store][io.coxswain.controlplane.storage.Store] between the registry and etcd
/// that encrypts the values of some kinds, as an `EncryptionConfiguration` of Kubernetes says.
/// Nothing above it knows of it, and a snapshot of etcd can move between the two worlds together
/// with its keys.
@NullMarked
package io.coxswain.controlplane.encryption;

import org.jspecify.annotations.NullMarked;
