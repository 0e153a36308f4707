/// A small kubectl. It speaks the REST API with an ordinary kubeconfig and finds every kind by
/// discovery, so it works with any Kubernetes cluster. It starts fast: no logging, no protobuf, no
/// gRPC on its path.
///
/// `KubectlLite` picks a command; `config` finds the cluster, `http` speaks to it, `resource` names
/// what is there, `command` holds a class for each verb, and `output` prints.
@NullMarked
package io.coxswain.kubectl;

import org.jspecify.annotations.NullMarked;
