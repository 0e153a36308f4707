package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;

/// Which namespace a manifest's object goes to.
final class Namespaces {

  private Namespaces() {}

  /// The manifest's own, or the session's; empty for a kind of the whole cluster.
  ///
  /// @throws Failure when the manifest and `-n` name different ones
  static String of(Session session, Manifest manifest, Kind kind) {
    if (!kind.namespaced()) {
      return "";
    }
    String own = Json.namespace(manifest.object());
    String asked = session.options().text("namespace");
    if (!own.isEmpty() && !asked.isEmpty() && !own.equals(asked)) {
      throw new Failure(
          "the namespace from the provided object \""
              + own
              + "\" does not match the namespace \""
              + asked
              + "\". You must pass '--namespace="
              + own
              + "' to perform this operation.");
    }
    return own.isEmpty() ? session.namespace() : own;
  }
}
