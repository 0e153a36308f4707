/// Whether the API is one store to everybody, whatever dies: clients write down what they were
/// answered while etcd and the server are killed, and [io.coxswain.controlplane.consistency.Judge]
/// looks for one order that explains all of it.
@NullMarked
package io.coxswain.controlplane.consistency;

import org.jspecify.annotations.NullMarked;
