/// One of several does the work: whoever holds a Lease. The clocks of candidates need not agree:
/// each measures with its own how long the lease has not changed.
@NullMarked
package io.coxswain.client.leader;

import org.jspecify.annotations.NullMarked;
