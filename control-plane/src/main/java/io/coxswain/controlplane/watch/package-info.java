/// What readers see: every kind's objects in memory, kept level with the store by one watch over
/// all of it. Lists and watches are served from here at a resource version, so that a hundred
/// readers cost the store nothing.
///
/// The way of a change: [io.coxswain.controlplane.storage.StoreWatch] tells it, the [Reflector]
/// applies it to the [WatchCache] of its kind, which keeps it in a bounded history and offers it to
/// each [CacheWatch] that selects the object. The object and its encodings are made once, on first
/// use, and shared by all.
@NullMarked
package io.coxswain.controlplane.watch;

import org.jspecify.annotations.NullMarked;
