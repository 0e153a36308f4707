/// What an object must be before it is stored: completed, checked, and changed by patches.
///
/// Stands between decoding and the registry, and touches nothing outside the object. Constants come
/// from the schema's options; what depends on other fields is code here, one class a family of
/// kinds. Validation collects everything wrong at once, in the words and paths of Kubernetes.
@NullMarked
package io.coxswain.controlplane.admission;

import org.jspecify.annotations.NullMarked;
