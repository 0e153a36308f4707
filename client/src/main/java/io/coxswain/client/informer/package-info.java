/// A kind's objects kept at hand. An [Informer] lists once and then watches: readers see an
/// immutable object as last heard, handlers hear of every change in order. Cached objects are
/// shared and, being protobuf messages, cannot be modified.
///
/// Place in the flow: handlers put keys into work queues; reconcilers read levels from the
/// informer.
@NullMarked
package io.coxswain.client.informer;

import org.jspecify.annotations.NullMarked;
