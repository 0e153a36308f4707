/// Devices of vendors as the Container Device Interface describes them (cncf.io/cdi, versions up to
/// 1.0): files on the node say what a container gets for a name like `vendor.example/gpu=0`.
/// [io.coxswain.node.cdi.CdiFolders] reads them and answers with
/// [io.coxswain.node.cdi.ContainerEdits], which the runtime writes into what it makes a container
/// of.
@NullMarked
package io.coxswain.node.cdi;

import org.jspecify.annotations.NullMarked;
