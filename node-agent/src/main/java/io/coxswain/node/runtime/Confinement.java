package io.coxswain.node.runtime;

import java.util.Map;

/// Profiles by which the kernel holds a container's process, beside its capabilities.
///
/// @param seccomp `linux.seccomp` of the bundle; empty for none
/// @param appArmor name of the profile, which the kernel has; empty for none
record Confinement(Map<String, Object> seccomp, String appArmor) {

  static final Confinement NONE = new Confinement(Map.of(), "");
}
