/// Pods that a node runs by itself, from manifests in a folder of its own, with or without an API
/// ([StaticPods]). Workers treat them as any others; the API gets a mirror of each ([MirrorPods]),
/// which is written and never obeyed.
@NullMarked
package io.coxswain.node.staticpod;

import org.jspecify.annotations.NullMarked;
