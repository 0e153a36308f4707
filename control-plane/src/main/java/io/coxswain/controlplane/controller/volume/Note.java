package io.coxswain.controlplane.controller.volume;

import io.coxswain.client.events.EventRecorder;

/// An event that is to be told.
record Note(EventRecorder.Type type, String reason, String message) {

  static Note normal(String reason, String message) {
    return new Note(EventRecorder.Type.NORMAL, reason, message);
  }

  static Note warning(String reason, String message) {
    return new Note(EventRecorder.Type.WARNING, reason, message);
  }
}
