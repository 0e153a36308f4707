/// Who is asking: turns what came with a request into a [io.coxswain.controlplane.authn.User], or
/// nobody.
@NullMarked
package io.coxswain.controlplane.authn;

import org.jspecify.annotations.NullMarked;
