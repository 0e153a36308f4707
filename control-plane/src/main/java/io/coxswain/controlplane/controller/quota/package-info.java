/// Counts what namespaces take of their quotas.
@NullMarked
package io.coxswain.controlplane.controller.quota;

import org.jspecify.annotations.NullMarked;
