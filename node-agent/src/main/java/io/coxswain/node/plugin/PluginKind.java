package io.coxswain.node.plugin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// What is done with the plugins of one type. Calls for one plugin come one after the other; they
/// may block.
public interface PluginKind {

  /// As a plugin says it, as `CSIPlugin`.
  String type();

  /// A plugin is there. It is told that it is registered when this returns.
  ///
  /// @param name of a driver, or of a resource
  /// @param endpoint socket on which it does its work
  /// @throws IOException when it is not taken; it is told why, and asked again later
  void register(String name, Path endpoint, List<String> versions)
      throws IOException, InterruptedException;

  /// A registered plugin's socket is gone, or another one is in its place.
  void deregister(String name, Path endpoint) throws InterruptedException;
}
