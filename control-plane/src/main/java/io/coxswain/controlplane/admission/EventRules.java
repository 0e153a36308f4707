package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.LabelSyntax;
import java.nio.charset.StandardCharsets;

/// What holds for events, by whichever of their two names they come: one is stored as the other, so
/// what is taken by one has to be good by both.
final class EventRules {

  private static final int MOST_TEXT = 128;
  private static final int MOST_REASON = 128;
  private static final int MOST_NOTE = 1024;

  private EventRules() {}

  static void check(Event event, Problems problems) {
    ObjectReference about = event.getInvolvedObject();
    if (!place(event.hasEventTime(), about, event.getMetadata(), problems)) {
      return;
    }
    reporter("reportingComponent", event.getReportingComponent(), problems);
    text("reportingInstance", event.getReportingInstance(), MOST_TEXT, problems);
    text("action", event.getAction(), MOST_TEXT, problems);
    text("reason", event.getReason(), MOST_REASON, problems);
    atMost("message", event.getMessage(), MOST_NOTE, problems);
  }

  static void check(io.coxswain.api.events.v1.Event event, Problems problems) {
    ObjectReference about = event.getRegarding();
    if (!place(event.hasEventTime(), about, event.getMetadata(), problems)) {
      return;
    }
    reporter("reportingController", event.getReportingController(), problems);
    text("reportingInstance", event.getReportingInstance(), MOST_TEXT, problems);
    text("action", event.getAction(), MOST_TEXT, problems);
    text("reason", event.getReason(), MOST_REASON, problems);
    atMost("message", event.getNote(), MOST_NOTE, problems);
  }

  /// What is in no namespace is told of in one of two.
  ///
  /// @return whether more is to hold: of old events, which have no time, nothing does
  private static boolean place(
      boolean timed, ObjectReference object, ObjectMeta meta, Problems problems) {
    String about = object.getNamespace();
    String in = meta.getNamespace();
    boolean fits =
        about.isEmpty()
            ? in.equals("default") || (timed && in.equals("kube-system"))
            : timed || about.equals(in);
    if (!fits) {
      problems.invalid("involvedObject.namespace", about, "does not match event.namespace");
    }
    return timed;
  }

  private static void reporter(String at, String name, Problems problems) {
    if (name.isEmpty()) {
      problems.required(at);
    }
    LabelSyntax.keyProblem(name).ifPresent(detail -> problems.invalid(at, name, detail));
  }

  private static void text(String at, String value, int most, Problems problems) {
    if (value.isEmpty()) {
      problems.required(at);
    }
    atMost(at, value, most, problems);
  }

  /// By its bytes.
  private static void atMost(String at, String value, int most, Problems problems) {
    if (value.getBytes(StandardCharsets.UTF_8).length > most) {
      problems.invalid(at, "", "can have at most " + most + " characters");
    }
  }
}
