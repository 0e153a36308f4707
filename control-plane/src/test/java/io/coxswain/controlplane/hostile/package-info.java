/// Requests that no client would send, and connections that no client would make, thrown at a whole
/// server over its real edge: whatever comes, it answers with something other than 500, stores
/// nothing that cannot be read, and is afterwards as it was before. `Siege` is the whole of it,
/// `RequestSource` makes the requests, `Onslaught` the connections.
@NullMarked
package io.coxswain.controlplane.hostile;

import org.jspecify.annotations.NullMarked;
