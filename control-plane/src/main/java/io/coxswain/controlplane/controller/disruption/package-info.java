/// How many pods may be taken away at once: computes the status of PodDisruptionBudgets, by which
/// evictions are judged.
@NullMarked
package io.coxswain.controlplane.controller.disruption;

import org.jspecify.annotations.NullMarked;
