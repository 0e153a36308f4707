package io.coxswain.controlplane.admission.podsecurity;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// The words of violations.
final class Words {

  private Words() {}

  static String quoted(Collection<String> names) {
    return names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
  }

  static String plural(String one, int count) {
    return plural(one, one + "s", count);
  }

  static String plural(String one, String more, int count) {
    return count == 1 ? one : more;
  }

  /// `container "a"` or `containers "a", "b"`.
  static String containers(List<String> names) {
    return plural("container", names.size()) + " " + quoted(names);
  }

  /// `pod and container "a"`.
  static String setters(boolean pod, List<String> containers) {
    if (containers.isEmpty()) {
      return "pod";
    }
    return (pod ? "pod and " : "") + containers(containers);
  }
}
