/// Container images: pulled or taken from the host, kept by digest, mounted as root file systems.
/// The pod worker asks [Images] before a container is created and after it is gone.
@NullMarked
package io.coxswain.node.image;

import org.jspecify.annotations.NullMarked;
