package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.AppArmorProfile;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EphemeralContainer;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.AppArmorAnnotation;
import java.util.stream.Stream;

/// Rules of AppArmor profiles, and of the annotations that were before the fields.
final class AppArmorRules {

  private static final int LONGEST = 4095;

  private AppArmorRules() {}

  static void check(AppArmorProfile profile, String at, Problems problems) {
    String where = at + ".localhostProfile";
    String name = profile.getLocalhostProfile();
    if (!profile.getType().equals("Localhost")) {
      if (profile.hasLocalhostProfile()) {
        problems.invalid(where, name, "can only be set when AppArmor type is Localhost");
      }
      return;
    }
    if (!name.equals(name.strip())) {
      problems.invalid(where, name, "must not be padded with whitespace");
    } else if (name.isEmpty()) {
      problems.required(where, "must be set when AppArmor type is Localhost");
    }
    if (name.length() > LONGEST) {
      problems.tooLong(where, LONGEST);
    }
  }

  static void checkAnnotations(ObjectMeta metadata, PodSpec spec, String at, Problems problems) {
    metadata
        .getAnnotationsMap()
        .forEach((key, value) -> {
          AppArmorAnnotation.container(key)
              .ifPresent(container -> {
                String where = "%s[%s]".formatted(at, key);
                checkAnnotation(container, value, spec, where, problems);
              });
        });
  }

  private static void checkAnnotation(
      String container, String value, PodSpec spec, String where, Problems problems) {
    if (names(spec).noneMatch(container::equals)) {
      problems.invalid(where, container, "container not found");
    }
    if (!value.isEmpty() && AppArmorAnnotation.profile(value).isEmpty()) {
      problems.invalid(where, value, "invalid AppArmor profile name: \"%s\"".formatted(value));
    }
  }

  private static Stream<String> names(PodSpec spec) {
    return Stream.concat(
        Stream.concat(spec.getInitContainersList().stream(), spec.getContainersList().stream())
            .map(Container::getName),
        spec.getEphemeralContainersList().stream()
            .map(EphemeralContainer::getEphemeralContainerCommon)
            .map(one -> one.getName()));
  }
}
