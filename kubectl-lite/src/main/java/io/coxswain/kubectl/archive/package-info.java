/// Tar archives, as `tar` in a container writes and reads them.
@NullMarked
package io.coxswain.kubectl.archive;

import org.jspecify.annotations.NullMarked;
