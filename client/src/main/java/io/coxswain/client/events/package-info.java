/// What happened to an object, said to people: core/v1 Events. A recorder never holds up the work
/// that it reports: events wait in a bounded queue, those of a moment are written side by side,
/// repeats raise a count.
@NullMarked
package io.coxswain.client.events;

import org.jspecify.annotations.NullMarked;
