/// Places pods onto nodes: informers feed a queue of pods and a cache of nodes; one thread decides
/// pod after pod on snapshots that count its own decisions at once; other threads write them down
/// as bindings.
@NullMarked
package io.coxswain.scheduler;

import org.jspecify.annotations.NullMarked;
