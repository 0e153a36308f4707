/// Kustomizations: folders that say how objects of other folders and files are changed before they
/// are applied. [Kustomize] is the way in; a [Level] is one `kustomization.yaml`, read from what is
/// deepest to what is outermost. A field that is not built is an error, never left out.
@NullMarked
package io.coxswain.kubectl.kustomize;

import org.jspecify.annotations.NullMarked;
