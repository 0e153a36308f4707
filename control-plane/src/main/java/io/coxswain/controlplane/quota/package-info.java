/// What quotas count: how much an object takes of each resource, and which quotas it counts
/// against. Pure; used by admission, which charges, and by the controller, which counts anew.
@NullMarked
package io.coxswain.controlplane.quota;

import org.jspecify.annotations.NullMarked;
