package io.coxswain.controlplane.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import java.util.List;

/// Functions on forms of text.
final class FormatFunctions {

  private static final CelType FORMAT = OpaqueType.create("kubernetes.NamedFormat");

  private FormatFunctions() {}

  static void addTo(FunctionSet set) {
    for (NamedFormat format : NamedFormat.values()) {
      String name = "format." + format.text();
      set.constant(name, name, FORMAT, () -> format);
    }
    set.global(
        "format.named",
        "format-named",
        SimpleType.STRING,
        OptionalType.create(FORMAT),
        String.class,
        NamedFormat::of);
    set.member(
        "validate",
        "format-validate",
        FORMAT,
        SimpleType.STRING,
        OptionalType.create(ListType.create(SimpleType.STRING)),
        NamedFormat.class,
        String.class,
        (format, text) -> format.problem(text).map(List::of));
  }
}
