/// What of the node is set aside for each of its pods. A pod gets what its spec says when it comes,
/// for the scheduler saw to that; what is wanted of a running one later (KEP-1287) only when there
/// is room. [io.coxswain.node.allocation.Allocations] keeps the book, and its pure parts decide:
/// [io.coxswain.node.allocation.Fit] whether there is room, [io.coxswain.node.allocation.Turns] who
/// comes first. The pod workers carry out what was set aside, and say what their containers have.
@NullMarked
package io.coxswain.node.allocation;

import org.jspecify.annotations.NullMarked;
