package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.events.EventRecorder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps what was reported, for tests to look at.
public final class RecordedEvents implements EventRecorder {

  /// @param object `namespace/name`
  public record Recorded(String object, Type type, String reason, String message) {}

  private final List<Recorded> events = new CopyOnWriteArrayList<>();

  @Override
  public void event(Message regarding, Type type, String reason, String message) {
    events.add(new Recorded(ObjectMetas.key(regarding).toString(), type, reason, message));
  }

  public List<Recorded> all() {
    return List.copyOf(events);
  }

  public List<String> reasons() {
    return events.stream().map(Recorded::reason).toList();
  }
}
