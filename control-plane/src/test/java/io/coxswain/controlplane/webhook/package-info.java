/// Calls of webhooks.
@NullMarked
package io.coxswain.controlplane.webhook;

import org.jspecify.annotations.NullMarked;
