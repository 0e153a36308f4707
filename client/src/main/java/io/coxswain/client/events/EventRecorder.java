package io.coxswain.client.events;

import com.google.protobuf.Message;

/// Reports what happened to objects. Returns at once and never throws: an event may be lost, work
/// may not.
@FunctionalInterface
public interface EventRecorder {

  /// How the event is meant.
  enum Type {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /// For whoever reports to nobody.
  EventRecorder NONE = (regarding, type, reason, message) -> {};

  /// @param regarding any object of the API, or an ObjectReference to one
  /// @param reason one word in upper camel case, which tools match on, as `FailedScheduling`
  /// @param message for a person: what happened, to what, and what to do
  void event(Message regarding, Type type, String reason, String message);

  default void normal(Message regarding, String reason, String message) {
    event(regarding, Type.NORMAL, reason, message);
  }

  default void warning(Message regarding, String reason, String message) {
    event(regarding, Type.WARNING, reason, message);
  }
}
