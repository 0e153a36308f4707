package io.coxswain.node.image;

/// How images are pulled.
///
/// @param platform which manifest of an index is taken
record PullOptions(
    Registries registries,
    ImageManifest.Platform platform,
    RegistryClient.Timeouts timeouts,
    BlobDownload.Retries retries,
    PullSteps steps) {

  static final long MAX_CONFIG_BYTES = 8 << 20;

  static PullOptions of(Registries registries) {
    return new PullOptions(
        registries,
        ImageManifest.Platform.current(),
        RegistryClient.Timeouts.DEFAULT,
        BlobDownload.Retries.DEFAULT,
        PullSteps.NONE);
  }
}
