package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.AppArmorProfile;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.client.codec.AppArmorAnnotation;
import io.coxswain.node.host.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which AppArmor profile confines a container, where the node's kernel has AppArmor at all. The
/// profile behind `RuntimeDefault` is also that of containers that ask for nothing and are not
/// privileged; each agent loads it once, when it is first wanted. Where nothing can load it, who
/// asks for nothing has none. Others (`Localhost`) are the administrator's to load.
public final class AppArmor {

  private static final Logger log = LoggerFactory.getLogger(AppArmor.class);

  static final String DEFAULT = "coxswain-default";

  private static final Path MODULE = Path.of("/sys/module/apparmor/parameters/enabled");
  private static final Path SECURITY = Path.of("/sys/kernel/security/apparmor");

  private final boolean enabled;
  private final Path loaded;
  private final Path run;
  private final Processes processes;
  private boolean isOurs;
  private boolean isToldOf;

  /// @param enabled whether the kernel enforces profiles
  /// @param loaded file that lists the kernel's profiles, as `name (enforce)`
  /// @param run folder for the source of the default profile
  AppArmor(boolean enabled, Path loaded, Path run, Processes processes) {
    this.enabled = enabled;
    this.loaded = loaded;
    this.run = run;
    this.processes = processes;
  }

  static AppArmor ofMachine(Path run, Processes processes) {
    return new AppArmor(isEnabled(), SECURITY.resolve("profiles"), run, processes);
  }

  /// Whether this machine's kernel enforces profiles.
  public static boolean isEnabled() {
    try {
      return Files.isDirectory(SECURITY) && Files.readString(MODULE).startsWith("Y");
    } catch (IOException e) {
      return false;
    }
  }

  /// Whether any container of the pod is to be confined.
  public static boolean isRequired(Pod pod) {
    PodSpec spec = pod.getSpec();
    Predicate<AppArmorProfile> confines = profile -> !profile.getType().equals("Unconfined");
    return Stream.concat(
                spec.getSecurityContext().hasAppArmorProfile()
                    ? Stream.of(spec.getSecurityContext().getAppArmorProfile())
                    : Stream.of(),
                all(spec)
                    .filter(one -> one.getSecurityContext().hasAppArmorProfile())
                    .map(one -> one.getSecurityContext().getAppArmorProfile()))
            .anyMatch(confines)
        || pod.getMetadata().getAnnotationsMap().entrySet().stream()
            .filter(entry -> AppArmorAnnotation.container(entry.getKey()).isPresent())
            .map(entry -> AppArmorAnnotation.profile(entry.getValue()))
            .anyMatch(profile -> profile.isEmpty() || profile.filter(confines).isPresent());
  }

  /// A container of the pod that asks for a profile without naming it, if there is one.
  public static Optional<AppArmorProfile> nameless(Pod pod) {
    return all(pod.getSpec())
        .flatMap(container -> wanted(pod, container).stream())
        .filter(profile ->
            profile.getType().equals("Localhost") && profile.getLocalhostProfile().isBlank())
        .findFirst();
  }

  private static Stream<Container> all(PodSpec spec) {
    return Stream.of(
            spec.getInitContainersList(), spec.getContainersList(), AddedContainers.of(spec))
        .flatMap(List::stream);
  }

  /// The container's own word, then the annotation for it, then the pod's.
  static Optional<AppArmorProfile> wanted(Pod pod, Container container) {
    if (container.getSecurityContext().hasAppArmorProfile()) {
      return Optional.of(container.getSecurityContext().getAppArmorProfile());
    }
    String annotation = AppArmorAnnotation.key(container.getName());
    return AppArmorAnnotation.profile(pod.getMetadata().getAnnotationsOrDefault(annotation, ""))
        .or(() ->
            pod.getSpec().getSecurityContext().hasAppArmorProfile()
                ? Optional.of(pod.getSpec().getSecurityContext().getAppArmorProfile())
                : Optional.empty());
  }

  /// The name of the profile that the kernel has for the container; empty for none.
  ///
  /// @throws IOException when it wants one that is not there
  String profile(Pod pod, Container container) throws IOException {
    boolean privileged = container.getSecurityContext().getPrivileged();
    Optional<AppArmorProfile> wanted = wanted(pod, container);
    if (wanted.isEmpty()) {
      return enabled && !privileged ? unasked() : "";
    }
    return switch (wanted.get().getType()) {
      case "RuntimeDefault" -> privileged ? "" : ofRuntime();
      case "Localhost" -> ofNode(wanted.get().getLocalhostProfile());
      default -> "";
    };
  }

  private String unasked() {
    try {
      return ours();
    } catch (IOException e) {
      tell(e);
      return "";
    }
  }

  private synchronized void tell(IOException why) {
    if (!isToldOf) {
      isToldOf = true;
      log.warn(
          "containers that ask for no AppArmor profile have none on this node: {}",
          why.getMessage());
    }
  }

  private String ofNode(String name) throws IOException {
    requireEnabled();
    if (!isLoaded(name)) {
      throw new IOException(
          "apparmor profile not found %s: load it on the node with apparmor_parser"
              .formatted(name));
    }
    return name;
  }

  private String ofRuntime() throws IOException {
    requireEnabled();
    return ours();
  }

  /// One that an agent before has loaded may have another text.
  private synchronized String ours() throws IOException {
    if (!isOurs || !isLoaded(DEFAULT)) {
      load();
      isOurs = true;
    }
    return DEFAULT;
  }

  private void requireEnabled() throws IOException {
    if (!enabled) {
      throw new IOException("Cannot enforce AppArmor: AppArmor is not enabled on the host");
    }
  }

  private boolean isLoaded(String name) throws IOException {
    try (Stream<String> lines = Files.lines(loaded)) {
      return lines.anyMatch(line -> line.startsWith(name + " ("));
    }
  }

  private void load() throws IOException {
    Path file = Files.writeString(run.resolve(DEFAULT + ".apparmor"), AppArmorDefault.TEXT);
    try {
      processes.mustRun(Processes.Command.of("apparmor_parser", "-Kr", file.toString()));
    } catch (IOException e) {
      throw new IOException(
          "the default AppArmor profile cannot be loaded (`apt-get install apparmor` has what does it): %s"
              .formatted(e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the default AppArmor profile was loaded", e);
    }
  }
}
