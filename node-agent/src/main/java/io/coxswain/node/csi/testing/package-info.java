/// A storage driver for tests, in the place of a vendor's.
@NullMarked
package io.coxswain.node.csi.testing;

import org.jspecify.annotations.NullMarked;
