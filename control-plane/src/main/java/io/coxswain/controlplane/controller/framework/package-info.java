/// What every controller stands on: who owns an object, what a pod's object says, which of a
/// controller's own writes its informers have seen, and how a controller starts and ends.
@NullMarked
package io.coxswain.controlplane.controller.framework;

import org.jspecify.annotations.NullMarked;
