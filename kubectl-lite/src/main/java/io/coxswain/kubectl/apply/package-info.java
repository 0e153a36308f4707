/// Manifests: reading files, folders and standard input, and the three-way merge of what was
/// applied, what is there, and what shall be.
@NullMarked
package io.coxswain.kubectl.apply;

import org.jspecify.annotations.NullMarked;
