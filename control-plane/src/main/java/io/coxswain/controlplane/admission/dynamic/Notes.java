package io.coxswain.controlplane.admission.dynamic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What admission has to say about one request beside yes or no: warnings for its sender, and
/// annotations for the audit log. Safe for use by many threads.
public final class Notes {

  /// More is not shown, and one webhook could send millions.
  private static final int MOST = 50;

  private static final int LONGEST_ANNOTATION = 10 * 1024;

  /// Of a request that the audit log tells nothing of: nobody reads its annotations.
  public static final Notes UNHEARD = new Notes();

  private final boolean audited;
  private final Set<String> warnings = new LinkedHashSet<>();
  private final Map<String, String> annotations = new LinkedHashMap<>();

  /// Without annotations.
  public Notes() {
    this(false);
  }

  private Notes(boolean audited) {
    this.audited = audited;
  }

  /// With annotations.
  public static Notes audited() {
    return new Notes(true);
  }

  /// Whether annotations are read, so that it is worth making them.
  public boolean isAudited() {
    return audited;
  }

  public synchronized void warn(String warning) {
    if (warnings.size() < MOST) {
      warnings.add(warning);
    }
  }

  /// The first value of a key counts.
  ///
  /// @param key with the name of who says it before a slash
  public synchronized void annotate(String key, String value) {
    if (audited && annotations.size() < MOST) {
      annotations.putIfAbsent(
          key, value.substring(0, Math.min(value.length(), LONGEST_ANNOTATION)));
    }
  }

  public synchronized List<String> warnings() {
    return new ArrayList<>(warnings);
  }

  /// For the audit log.
  public synchronized Map<String, String> annotations() {
    return new LinkedHashMap<>(annotations);
  }
}
