package io.coxswain.client.codec;

import io.coxswain.api.core.v1.AppArmorProfile;
import java.util.Optional;

/// How a pod said which AppArmor profile a container has before there was a field for it (KEP-24):
/// an annotation for each container, whose value is `runtime/default`, `unconfined` or
/// `localhost/PROFILE`.
public final class AppArmorAnnotation {

  private static final String PREFIX = "container.apparmor.security.beta.kubernetes.io/";
  private static final String LOCALHOST = "localhost/";

  private AppArmorAnnotation() {}

  public static String key(String container) {
    return PREFIX + container;
  }

  /// The name of the container that the annotation is for; nothing for another annotation.
  public static Optional<String> container(String key) {
    return key.startsWith(PREFIX) ? Optional.of(key.substring(PREFIX.length())) : Optional.empty();
  }

  /// The annotation's value in today's words; nothing for what is none.
  public static Optional<AppArmorProfile> profile(String value) {
    AppArmorProfile.Builder profile = AppArmorProfile.newBuilder();
    if (value.startsWith(LOCALHOST)) {
      profile.setType("Localhost").setLocalhostProfile(value.substring(LOCALHOST.length()));
      return Optional.of(profile.build());
    }
    return switch (value) {
      case "runtime/default" -> Optional.of(profile.setType("RuntimeDefault").build());
      case "unconfined" -> Optional.of(profile.setType("Unconfined").build());
      default -> Optional.empty();
    };
  }
}
