/// What everybody who deals with persistent volumes has to agree upon: the annotations by which
/// controllers, scheduler and agents talk to each other, which claims a pod uses, and which volume
/// fits a claim. Pure.
@NullMarked
package io.coxswain.client.volume;

import org.jspecify.annotations.NullMarked;
