/// What the agent asks of the machine itself: programs, mounts, namespaces, control groups,
/// capacity. Each is an interface with a fake in the tests, so that everything above runs without
/// root.
@NullMarked
package io.coxswain.node.host;

import org.jspecify.annotations.NullMarked;
