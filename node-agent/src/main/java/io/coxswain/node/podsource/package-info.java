/// Where the agent learns which pods are its own, and reads the objects that they name.
@NullMarked
package io.coxswain.node.podsource;

import org.jspecify.annotations.NullMarked;
