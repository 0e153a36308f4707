/// Servers that extend the API: an APIService that names a Service has requests for its version of
/// its group handed on to that Service's pods.
///
/// [io.coxswain.controlplane.aggregation.ExtensionApis] follows the APIServices, asks each server
/// time and again whether it answers, and says so in the APIService's status. A request comes
/// authenticated and authorized; the server behind learns who sent it by headers, which it believes
/// because of the certificate that this server shows (request-header authentication).
@NullMarked
package io.coxswain.controlplane.aggregation;

import org.jspecify.annotations.NullMarked;
