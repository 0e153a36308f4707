package io.coxswain.controlplane.admission.podsecurity;

import io.coxswain.client.ApiError.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a namespace's labels ask of its pods.
///
/// @param enforce what pods must keep to
/// @param audit what is noted in the audit log
/// @param warn what writers are told
/// @param faults of the labels; the nearest that is safe holds in their place
public record Policy(Standard enforce, Standard audit, Standard warn, List<Cause> faults) {

  private static final String PREFIX = "pod-security.kubernetes.io/";
  private static final Pattern VERSION = Pattern.compile("v1\\.([0-9]|[1-9][0-9]{1,5})");
  private static final Policy NONE =
      new Policy(Standard.NONE, Standard.NONE, Standard.NONE, List.of());

  public Policy {
    faults = List.copyOf(faults);
  }

  public boolean isPrivileged() {
    return enforce.level() == Level.PRIVILEGED
        && audit.level() == Level.PRIVILEGED
        && warn.level() == Level.PRIVILEGED;
  }

  public static Policy of(Map<String, String> labels) {
    if (labels.keySet().stream().noneMatch(label -> label.startsWith(PREFIX))) {
      return NONE;
    }
    List<Cause> faults = new ArrayList<>();
    // an unknown level enforces the strictest, and warns of nothing
    Standard enforce = standard(labels, "enforce", Level.RESTRICTED, faults);
    boolean enforces = Level.of(labels.getOrDefault(PREFIX + "enforce", "")).isPresent();
    Standard audit = standard(labels, "audit", Level.PRIVILEGED, faults);
    Standard warn = standard(labels, "warn", Level.PRIVILEGED, faults);
    if (!labels.containsKey(PREFIX + "warn")
        && enforces
        && enforce.level().compareTo(warn.level()) > 0) {
      boolean dated = labels.containsKey(PREFIX + "warn-version");
      warn = new Standard(enforce.level(), dated ? warn.minor() : enforce.minor());
    }
    return new Policy(enforce, audit, warn, faults);
  }

  private static Standard standard(
      Map<String, String> labels, String mode, Level whenUnknown, List<Cause> faults) {
    String level = labels.get(PREFIX + mode);
    String version = labels.get(PREFIX + mode + "-version");
    Level known = Level.PRIVILEGED;
    if (level != null) {
      known = Level.of(level).orElse(whenUnknown);
      if (Level.of(level).isEmpty()) {
        faults.add(fault(mode, level, "must be one of privileged, baseline, restricted"));
      }
    }
    return new Standard(known, minor(mode, version, faults));
  }

  private static int minor(String mode, @Nullable String version, List<Cause> faults) {
    if (version == null || version.equals("latest")) {
      return Standard.LATEST;
    }
    Matcher numbered = VERSION.matcher(version);
    if (numbered.matches()) {
      return Integer.parseInt(numbered.group(1));
    }
    faults.add(fault(mode + "-version", version, "must be \"latest\" or \"v1.x\""));
    return Standard.LATEST;
  }

  private static Cause fault(String label, String value, String why) {
    return new Cause(
        "FieldValueInvalid",
        "metadata.labels[" + PREFIX + label + "]",
        "Invalid value: \"" + value + "\": " + why);
  }
}
