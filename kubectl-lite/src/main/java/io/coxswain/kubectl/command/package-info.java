/// A class for each verb. A command declares its options, runs, and throws
/// [io.coxswain.kubectl.Failure] with what to tell.
@NullMarked
package io.coxswain.kubectl.command;

import org.jspecify.annotations.NullMarked;
