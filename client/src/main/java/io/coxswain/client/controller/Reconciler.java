package io.coxswain.client.controller;

import io.coxswain.client.ObjectKey;

/// Brings what one object asks for and what is there together. Level-triggered and idempotent: it
/// is called any number of times, also when nothing changed, and after a kill between any two
/// instructions.
@FunctionalInterface
public interface Reconciler {

  /// Blocks as long as its calls to the API do. Never runs twice at once for one key.
  ///
  /// @throws Exception to be tried again with growing delays; a conflict is quietly tried again
  Result reconcile(ObjectKey key) throws Exception;
}
