package io.coxswain.controlplane.registry;

/// Kinds whose status does not come with all of the metadata.
///
/// @param writtenWithStatus what of the metadata does
record MarkedStrategy(StatusMetadata writtenWithStatus) implements Strategy {}
