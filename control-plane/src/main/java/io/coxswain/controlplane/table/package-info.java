/// What `kubectl get` prints: objects as rows of cells, with the columns of Kubernetes. One printer
/// a kind, all listed in [io.coxswain.controlplane.table.Printers].
@NullMarked
package io.coxswain.controlplane.table;

import org.jspecify.annotations.NullMarked;
