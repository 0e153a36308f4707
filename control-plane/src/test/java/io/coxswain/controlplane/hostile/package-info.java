/// Requests that no client would send, thrown at a whole server over its real edge: whatever comes,
/// it answers with something other than 500 and stores nothing that cannot be read.
@NullMarked
package io.coxswain.controlplane.hostile;

import org.jspecify.annotations.NullMarked;
