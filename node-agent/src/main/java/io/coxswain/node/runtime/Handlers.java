package io.coxswain.node.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The programs that make containers here, by the names that RuntimeClasses know them by
/// (`handler`). Pods without a class, and classes with an empty handler, get the node's default.
final class Handlers {

  /// A program, with what has it make containers.
  record Maker(OciRuntime runtime, Conmon conmon, RuntimeFeatures features) {}

  private final Maker standard;
  private final Map<String, Maker> byHandler;
  private final List<RuntimeHandler> all;

  /// @throws IllegalArgumentException when two programs have the same name: what a container was
  ///   made by is remembered by it
  Handlers(Maker standard, Map<String, Maker> byHandler) {
    this.standard = standard;
    this.byHandler = new LinkedHashMap<>(byHandler);
    List<RuntimeHandler> described = new ArrayList<>(List.of(described("", standard)));
    byHandler.forEach((name, maker) -> described.add(described(name, maker)));
    this.all = List.copyOf(described);
    Map<String, OciRuntime> byName = new LinkedHashMap<>();
    byName.put(standard.runtime().name(), standard.runtime());
    byHandler.forEach((handler, maker) -> {
      OciRuntime other = byName.putIfAbsent(maker.runtime().name(), maker.runtime());
      if (other != null && !other.origin().equals(maker.runtime().origin())) {
        throw new IllegalArgumentException(
            "runtime handler %s: %s is called as %s is: give one of them another file name"
                .formatted(handler, maker.runtime().origin(), other.origin()));
      }
    });
  }

  Maker standard() {
    return standard;
  }

  /// @throws IOException when there is none of that name
  Maker of(String handler) throws IOException {
    Maker maker = handler.isEmpty() ? standard : byHandler.get(handler);
    if (maker == null) {
      throw new IOException(
          "failed to get sandbox runtime: no runtime for \"%s\" is configured".formatted(handler));
    }
    return maker;
  }

  /// What has made the container; the default for one of which that was not written down.
  OciRuntime of(ContainerRecord container) {
    String name = container.origin().runtime();
    return byHandler.values().stream()
        .map(Maker::runtime)
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElse(standard.runtime());
  }

  /// The programs themselves, the default first; one may be there more than once.
  List<OciRuntime> runtimes() {
    List<OciRuntime> runtimes = new ArrayList<>(List.of(standard.runtime()));
    byHandler.values().forEach(maker -> runtimes.add(maker.runtime()));
    return runtimes;
  }

  /// All, the default first.
  List<RuntimeHandler> all() {
    return all;
  }

  private static RuntimeHandler described(String name, Maker maker) {
    return new RuntimeHandler(
        name, maker.features().recursiveReadOnly(), maker.features().userNamespaces());
  }
}
