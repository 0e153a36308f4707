/// Describes the API in the words of OpenAPI 2 and 3, made from the schema: what `kubectl explain`
/// prints, and what clients check manifests against.
@NullMarked
package io.coxswain.controlplane.openapi;

import org.jspecify.annotations.NullMarked;
