package io.coxswain.node.volume;

import java.nio.file.Path;

/// A volume that is ready on the host.
///
/// @param path folder or file to bind into containers
/// @param readOnly whatever a mount says, as of ConfigMaps, Secrets and projected volumes
public record PodVolume(Path path, boolean readOnly) {}
