/// What is to be looked at next: keys, never objects. A [WorkQueue] turns any number of events on
/// one object into one look at its level, gives a key to one worker at a time, and comes back to it
/// later when asked or when work on it failed.
///
/// Place in the flow: informer handlers add keys, a controller loop takes them.
@NullMarked
package io.coxswain.client.queue;

import org.jspecify.annotations.NullMarked;
