/// The Pod Security Standards: what a pod may not ask for at the levels baseline and restricted, as
/// one table of checks with the versions since when they hold. Pure.
@NullMarked
package io.coxswain.controlplane.admission.podsecurity;

import org.jspecify.annotations.NullMarked;
