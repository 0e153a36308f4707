/// The shape of every controller: informers put keys into a queue, a [ControllerLoop] hands each to
/// the [Reconciler], which reads the level again and brings the world one step nearer to it.
@NullMarked
package io.coxswain.client.controller;

import org.jspecify.annotations.NullMarked;
