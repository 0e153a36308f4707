/// A device plugin for tests, in the place of a vendor's.
@NullMarked
package io.coxswain.node.device.testing;

import org.jspecify.annotations.NullMarked;
