/// Objects as trees of JSON: reading YAML and JSON, asking a tree for its parts, and changing one
/// by a patch. Every other package here stands on this one.
@NullMarked
package io.coxswain.kubectl.document;

import org.jspecify.annotations.NullMarked;
