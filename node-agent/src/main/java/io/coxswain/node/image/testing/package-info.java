/// Images and a registry for tests: images are made by code, the registry is Debian's
/// `docker-registry` on loopback. Not used by the agent itself.
@NullMarked
package io.coxswain.node.image.testing;

import org.jspecify.annotations.NullMarked;
