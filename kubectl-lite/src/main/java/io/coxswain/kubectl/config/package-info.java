/// Which cluster, as whom: kubeconfig files as kubectl reads them.
@NullMarked
package io.coxswain.kubectl.config;

import org.jspecify.annotations.NullMarked;
