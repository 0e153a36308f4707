/// The REST API of Kubernetes over the registries.
///
/// The way of a request: [io.coxswain.controlplane.server.RestServer] learns who asks and what for
/// ([io.coxswain.controlplane.server.RequestInfo]), and lets the authorizer decide;
/// [io.coxswain.controlplane.server.ResourceVerbs] decodes the body, calls
/// [io.coxswain.controlplane.server.ApiPipeline], which every other door to the API shares, and
/// encodes the answer in the form that was asked for. Whatever goes wrong on the way is an
/// [io.coxswain.client.ApiError] and becomes a `Status` in [io.coxswain.client.rpc.Statuses], and
/// nowhere else.
@NullMarked
package io.coxswain.controlplane.server;

import org.jspecify.annotations.NullMarked;
