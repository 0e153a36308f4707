package io.coxswain.controlplane.authz;

/// Decides whether somebody may do something. Does not block.
@FunctionalInterface
public interface Authorizer {

  Decision authorize(Attributes attributes);
}
