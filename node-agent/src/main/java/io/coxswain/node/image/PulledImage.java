package io.coxswain.node.image;

/// An image that is on this node.
///
/// @param name normalized, as `docker.io/library/nginx:1.27` or `host:///`: `status.image`
/// @param id digest of its config, as `sha256:…`; of a host image, a text that names it
/// @param reference repository and digest of the manifest, as `docker.io/library/nginx@sha256:…`:
///   `status.imageID`
/// @param sizeBytes what it takes on disk; 0 for a host image
public record PulledImage(
    String name, String id, String reference, long sizeBytes, ImageConfig config) {}
