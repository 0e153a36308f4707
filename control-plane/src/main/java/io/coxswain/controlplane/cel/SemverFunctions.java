package io.coxswain.controlplane.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;

/// Functions on semantic versions.
final class SemverFunctions {

  private static final CelType SEMVER = OpaqueType.create("kubernetes.Semver");

  private SemverFunctions() {}

  static void addTo(FunctionSet set) {
    CelType text = SimpleType.STRING;
    CelType bool = SimpleType.BOOL;
    CelType number = SimpleType.INT;
    set.global("semver", "string_to_semver", text, SEMVER, String.class, Semver::of);
    set.global(
        "semver",
        "string_bool_to_semver",
        text,
        bool,
        SEMVER,
        String.class,
        Boolean.class,
        SemverFunctions::version);
    set.global(
        "isSemver", "is_semver_string", text, bool, String.class, one -> isVersion(one, false));
    set.global(
        "isSemver",
        "is_semver_string_bool",
        text,
        bool,
        bool,
        String.class,
        Boolean.class,
        SemverFunctions::isVersion);
    set.member(
        "isGreaterThan",
        "semver_is_greater_than",
        SEMVER,
        SEMVER,
        bool,
        Semver.class,
        Semver.class,
        (left, right) -> left.compareTo(right) > 0);
    set.member(
        "isLessThan",
        "semver_is_less_than",
        SEMVER,
        SEMVER,
        bool,
        Semver.class,
        Semver.class,
        (left, right) -> left.compareTo(right) < 0);
    set.member(
        "compareTo",
        "semver_compare_to",
        SEMVER,
        SEMVER,
        number,
        Semver.class,
        Semver.class,
        (left, right) -> (long) Integer.signum(left.compareTo(right)));
    set.member("major", "semver_major", SEMVER, number, Semver.class, Semver::major);
    set.member("minor", "semver_minor", SEMVER, number, Semver.class, Semver::minor);
    set.member("patch", "semver_patch", SEMVER, number, Semver.class, Semver::patch);
  }

  private static Semver version(String text, Boolean normalize) {
    return normalize ? Semver.normalized(text) : Semver.of(text);
  }

  private static boolean isVersion(String text, Boolean normalize) {
    try {
      var _ = version(text, normalize);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
