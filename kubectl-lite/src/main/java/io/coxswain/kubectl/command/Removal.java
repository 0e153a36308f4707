package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Takes one object away for another one that comes in its place.
final class Removal {

  private Removal() {}

  /// By `--grace-period` and `--cascade`; waits until it is gone, for `--timeout` at most.
  ///
  /// @return whether it was there
  static boolean remove(Session session, Kind kind, String namespace, String name) {
    try {
      session.api().delete(kind.path(namespace, name), Delete.options(session.options()));
    } catch (Api.Refusal e) {
      if (e.isNotFound()) {
        return false;
      }
      throw e;
    }
    Duration timeout = Session.Durations.parse(session.options().text("timeout"), "timeout");
    Instant end = timeout.isZero() ? Instant.MAX : session.world().clock().instant().plus(timeout);
    Await.until(
        session,
        kind,
        namespace,
        name,
        end,
        Optional::isEmpty,
        () -> "error: timed out waiting for " + kind.singular() + "/" + name + " to be gone");
    return true;
  }
}
