/// Connections to other servers that are kept from one request to the next: to webhooks, and to
/// servers that extend the API.
@NullMarked
package io.coxswain.controlplane.connection;

import org.jspecify.annotations.NullMarked;
