package io.coxswain.controlplane.table;

import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.EventSource;
import io.coxswain.api.core.v1.ObjectReference;
import java.time.Instant;
import java.util.Locale;

/// The columns of events, which a person reads as a log.
final class EventPrinter {

  private EventPrinter() {}

  static Printer<Event> events() {
    return Printer.of(Event.class)
        .timed("Last Seen", EventPrinter::lastSeen)
        .text("Type", Event::getType)
        .text("Reason", Event::getReason)
        .text("Object", e -> object(e.getInvolvedObject()))
        .wide("Subobject", e -> e.getInvolvedObject().getFieldPath())
        .wide("Source", e -> source(e.getSource(), e.getReportingComponent()))
        .text("Message", e -> e.getMessage().strip())
        .wideTimed("First Seen", EventPrinter::firstSeen)
        .wideNumber("Count", EventPrinter::count)
        .wide("Name", e -> e.getMetadata().getName());
  }

  static Printer<io.coxswain.api.events.v1.Event> newEvents() {
    return Printer.of(io.coxswain.api.events.v1.Event.class)
        .timed("Last Seen", (e, now) -> Ages.since(e.getEventTime(), now))
        .text("Type", io.coxswain.api.events.v1.Event::getType)
        .text("Reason", io.coxswain.api.events.v1.Event::getReason)
        .text("Object", e -> object(e.getRegarding()))
        .wide("Subobject", e -> e.getRegarding().getFieldPath())
        .wide("Source", io.coxswain.api.events.v1.Event::getReportingController)
        .text("Message", e -> e.getNote().strip())
        .wide("Name", e -> e.getMetadata().getName());
  }

  private static String lastSeen(Event event, Instant now) {
    if (event.hasSeries()) {
      return Ages.since(event.getSeries().getLastObservedTime(), now);
    }
    return event.getLastTimestamp().getSeconds() > 0
        ? Ages.since(event.getLastTimestamp(), now)
        : firstSeen(event, now);
  }

  private static String firstSeen(Event event, Instant now) {
    return event.getFirstTimestamp().getSeconds() > 0
        ? Ages.since(event.getFirstTimestamp(), now)
        : Ages.since(event.getEventTime(), now);
  }

  private static int count(Event event) {
    if (event.hasSeries()) {
      return event.getSeries().getCount();
    }
    return Math.max(1, event.getCount());
  }

  private static String object(ObjectReference reference) {
    return reference.getKind().toLowerCase(Locale.ROOT) + "/" + reference.getName();
  }

  private static String source(EventSource source, String component) {
    String name = source.getComponent().isEmpty() ? component : source.getComponent();
    return source.getHost().isEmpty() ? name : name + ", " + source.getHost();
  }
}
