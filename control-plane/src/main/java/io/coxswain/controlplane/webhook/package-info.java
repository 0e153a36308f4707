/// Calls of webhooks: HTTPS servers of people, at a URL or behind a Service.
@NullMarked
package io.coxswain.controlplane.webhook;

import org.jspecify.annotations.NullMarked;
