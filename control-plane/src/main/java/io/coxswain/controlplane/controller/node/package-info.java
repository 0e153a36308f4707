/// What becomes of nodes and of the pods on them: each node gets its part of the pod network, a
/// node that is no longer heard of is marked, and its pods are first taken out of Services, then
/// replaced elsewhere.
///
/// With the defaults a node that dies is marked after 10 s without a renewal of its Lease, and its
/// pods are evicted 5 s later: a Deployment has new ones within 20 s. A pod that says nothing about
/// `node.kubernetes.io/unreachable` and `not-ready` is treated as if it tolerated them for those 5
/// s; what a pod says itself holds. Nothing is written into pods for that, so the same manifest
/// behaves upstream as it says there.
///
/// When every node is silent, it is more likely that the control plane cannot hear: nodes are
/// marked, but no pod is touched.
@NullMarked
package io.coxswain.controlplane.controller.node;

import org.jspecify.annotations.NullMarked;
