package io.coxswain.controlplane.admission.dynamic;

/// What a request does to an object.
public enum Operation {
  CREATE,
  UPDATE,
  DELETE,
  CONNECT
}
