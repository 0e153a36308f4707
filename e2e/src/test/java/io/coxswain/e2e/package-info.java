/// Real clusters on this machine: `bin/coxswain` starts them as a person would, the clients are the
/// real ones, and each suite reads as numbered steps. Every suite runs in one network namespace
/// that the launcher beside these sources makes and ends, so nothing here meets another cluster.
@NullMarked
package io.coxswain.e2e;

import org.jspecify.annotations.NullMarked;
