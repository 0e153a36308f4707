/// A server to try commands on, with what it was asked.
@NullMarked
package io.coxswain.kubectl.testing;

import org.jspecify.annotations.NullMarked;
