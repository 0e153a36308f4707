package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import tools.jackson.databind.node.ObjectNode;

/// Makes one kind of object of words.
public interface Maker {

  /// For the list of them: one line.
  String summary();

  /// What follows `kubectl-lite create`, a line each.
  String examples();

  Options declare(Options options);

  /// @throws io.coxswain.kubectl.Failure when the options do not make an object
  ObjectNode make(Session session, String name);
}
