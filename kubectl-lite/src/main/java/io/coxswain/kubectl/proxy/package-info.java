/// A local door to the API server, for programs that cannot sign in by themselves.
@NullMarked
package io.coxswain.kubectl.proxy;

import org.jspecify.annotations.NullMarked;
