package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.NodeSelector;
import java.util.ArrayList;
import java.util.List;

/// Where devices can be used, as a slice says for all of them, or a device for itself: several
/// fields, of which exactly one is set.
final class SlicePlaces {

  private final String path;
  private final Problems problems;
  private final List<String> set = new ArrayList<>();

  /// @param path of what has the fields
  SlicePlaces(String path, Problems problems) {
    this.path = path;
    this.problems = problems;
  }

  /// @param notEmpty what is said of a name that is empty
  void nodeName(boolean there, String name, String notEmpty) {
    String at = path + ".nodeName";
    if (there && name.isEmpty()) {
      problems.invalid(at, name, notEmpty);
    } else if (there) {
      set.add("`nodeName`");
      Names.subdomain(name).ifPresent(detail -> problems.invalid(at, name, detail));
    }
  }

  void nodeSelector(boolean there, NodeSelector selector) {
    if (there) {
      set.add("`nodeSelector`");
      DeviceParts.nodes(selector, path + ".nodeSelector", problems);
    }
  }

  /// A field that says yes or is not there.
  void yes(boolean there, boolean value, String name) {
    if (value) {
      set.add("`" + name + "`");
    } else if (there) {
      problems.invalidJson(path + "." + name, "false", "must be either unset or set to true");
    }
  }

  /// After all fields.
  ///
  /// @param none what is said when none is set
  /// @param several what is said when more than one is
  void exactlyOne(String none, String several) {
    if (set.isEmpty()) {
      problems.required(path, none);
    } else if (set.size() > 1) {
      problems.invalid(path, "{" + String.join(", ", set) + "}", several);
    }
  }
}
