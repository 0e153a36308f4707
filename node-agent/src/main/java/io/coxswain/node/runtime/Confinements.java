package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.SeccompProfile;
import io.coxswain.api.core.v1.SecurityContext;
import io.coxswain.node.host.Machine;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/// Which profiles hold for a container: what it says itself comes before what its pod says.
final class Confinements {

  private final SeccompFolder seccomp;
  private final boolean seccompDefault;
  private final AppArmor appArmor;
  private final Machine machine;

  /// @param seccompDefault whether pods that say nothing get the runtime's own profile
  Confinements(SeccompFolder seccomp, boolean seccompDefault, AppArmor appArmor, Machine machine) {
    this.seccomp = seccomp;
    this.seccompDefault = seccompDefault;
    this.appArmor = appArmor;
    this.machine = machine;
  }

  /// @throws LaunchException when a profile is not there, or is none
  Confinement of(ContainerLaunch launch) throws LaunchException {
    try {
      return new Confinement(seccomp(launch), appArmor.profile(launch.pod(), launch.container()));
    } catch (IOException e) {
      throw new LaunchException(
          "CreateContainerError",
          "container \"%s\": %s".formatted(launch.container().getName(), e.getMessage()),
          e);
    }
  }

  /// A privileged container has none, whatever it asks for, as with other runtimes.
  private Map<String, Object> seccomp(ContainerLaunch launch) throws IOException {
    SecurityContext own = launch.container().getSecurityContext();
    if (own.getPrivileged()) {
      return Map.of();
    }
    SeccompProfile profile =
        own.hasSeccompProfile()
            ? own.getSeccompProfile()
            : launch.pod().getSpec().getSecurityContext().getSeccompProfile();
    Set<String> capabilities = Set.copyOf(Capabilities.of(own, machine.capabilities()));
    return switch (profile.getType()) {
      case "RuntimeDefault" -> Seccomp.runtimeDefault(capabilities);
      case "Localhost" -> seccomp.read(profile.getLocalhostProfile(), capabilities);
      case "Unconfined" -> Map.of();
      default -> seccompDefault ? Seccomp.runtimeDefault(capabilities) : Map.of();
    };
  }
}
