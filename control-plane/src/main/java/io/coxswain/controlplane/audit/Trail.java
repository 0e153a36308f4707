package io.coxswain.controlplane.audit;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.controlplane.admission.dynamic.Notes;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.authz.Decision;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.util.RawValue;

/// What is known of one request for the audit log, gathered while it is worked on. [#NONE], of a
/// request of which nothing is told, takes everything and keeps nothing. Safe for use by many
/// threads: a request whose time is over is answered by another one than the one at work.
public final class Trail {

  private static final Logger LOG = LoggerFactory.getLogger(Trail.class);

  public static final Trail NONE = new Trail();

  /// What weighs more is left out of its event, which says so.
  static final int LARGEST_OBJECT = 1 << 20;

  private static final String TRUNCATED = "audit.k8s.io/truncated";
  private static final String DECISION = "authorization.k8s.io/decision";
  private static final String REASON = "authorization.k8s.io/reason";

  private final AuditLog log;
  private final AuditPolicy.Ruling ruling;
  private final Optional<Arrival> arrival;
  private final String verb;
  private final Optional<User> user;
  private final Notes notes;
  private final Map<String, String> annotations = new LinkedHashMap<>();

  private Optional<User> impersonated = Optional.empty();
  private Optional<EventJson.Reference> object = Optional.empty();
  private Optional<Status> status = Optional.empty();
  private Optional<RawValue> request = Optional.empty();
  private Optional<RawValue> response = Optional.empty();
  private boolean started;
  private boolean ended;

  private Trail() {
    this.log = AuditLog.OFF;
    this.ruling = AuditPolicy.Ruling.NOTHING;
    this.arrival = Optional.empty();
    this.verb = "";
    this.user = Optional.empty();
    this.notes = Notes.UNHEARD;
  }

  Trail(
      AuditLog log,
      AuditPolicy.Ruling ruling,
      Arrival arrival,
      Attributes wanted,
      Optional<User> user) {
    this.log = log;
    this.ruling = ruling;
    this.arrival = Optional.of(arrival);
    this.verb = wanted.verb();
    this.user = user;
    this.notes = Notes.audited();
    if (wanted.isResource()) {
      object =
          Optional.of(
              new EventJson.Reference(
                  wanted.resource(),
                  AuditPolicy.namespace(wanted),
                  wanted.name(),
                  "",
                  wanted.group(),
                  wanted.version(),
                  "",
                  wanted.subresource()));
    }
  }

  /// Whether anything is told of the request.
  public boolean isOn() {
    return arrival.isPresent();
  }

  /// Takes what admission has to say of the request.
  public Notes notes() {
    return isOn() ? notes : new Notes();
  }

  /// As whom else the request is seen.
  public void impersonated(User other) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      impersonated = Optional.of(other);
    }
  }

  public void decided(Decision decision) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      annotations.putIfAbsent(DECISION, decision.allowed() ? "allow" : "forbid");
      annotations.putIfAbsent(REASON, decision.reason());
    }
  }

  /// What was sent.
  public void request(Message sent) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      object = object.map(known -> completed(known, sent));
      if (ruling.level().tellsRequests()) {
        request = fitting(sent.getSerializedSize(), () -> object(sent));
      }
    }
  }

  private static EventJson.Reference completed(EventJson.Reference known, Message sent) {
    FieldDescriptor metadata = sent.getDescriptorForType().findFieldByName("metadata");
    ObjectMeta meta =
        metadata != null && sent.getField(metadata) instanceof ObjectMeta there
            ? there
            : ObjectMeta.getDefaultInstance();
    return new EventJson.Reference(
        known.resource(),
        known.namespace().isEmpty() ? meta.getNamespace() : known.namespace(),
        known.name().isEmpty() ? meta.getName() : known.name(),
        meta.getUid(),
        known.group(),
        known.version(),
        meta.getResourceVersion(),
        known.subresource());
  }

  /// What was sent as a patch.
  public void patch(byte[] sent) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      if (ruling.level().tellsRequests()) {
        request = fitting(sent.length, () -> EventJson.patch(sent));
      }
    }
  }

  /// What is answered; of a Status also what it says.
  public void response(Message answer) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      if (answer instanceof Status said) {
        status(said);
      }
      if (ruling.level().tellsAnswers()) {
        response = fitting(answer.getSerializedSize(), () -> object(answer));
      }
    }
  }

  /// What is answered, made only if it is told.
  ///
  /// @param size about how many bytes it has
  public void response(LongSupplier size, Supplier<Message> answer) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      if (ruling.level().tellsAnswers()) {
        response = fitting(size.getAsLong(), () -> object(answer.get()));
      }
    }
  }

  private RawValue object(Message message) {
    return EventJson.object(message, ruling.omitManagedFields());
  }

  private Optional<RawValue> fitting(long size, Supplier<RawValue> value) {
    if (size > LARGEST_OBJECT) {
      annotations.put(TRUNCATED, "true");
      return Optional.empty();
    }
    try {
      return Optional.of(value.get());
    } catch (RuntimeException e) {
      // The request is not to fail because it cannot be told.
      LOG.warn("An object could not be written to the audit log", e);
      annotations.put(TRUNCATED, "true");
      return Optional.empty();
    }
  }

  private void status(Status said) {
    status = Optional.of(said.toBuilder().setMetadata(ListMeta.getDefaultInstance()).build());
  }

  private void code(int code) {
    status(status.map(Status::toBuilder).orElseGet(Status::newBuilder).setCode(code).build());
  }

  /// An answer that goes on and on has begun.
  public void started(int code) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      if (!started && !ended) {
        started = true;
        code(code);
        tell(Stage.STARTED);
      }
    }
  }

  /// Nobody could be told apart who sent the request, which is all that is told of it.
  ///
  /// @param why as `Authentication failed, attempted: bearer`
  synchronized void stranger(String why) {
    status(Status.newBuilder().setMessage(why).setCode(401).build());
    ended = true;
    tell(Stage.STARTED);
  }

  /// It is over, with whatever was answered. The first end counts.
  ///
  /// @param code of the answer; 0 when there was none
  /// @param goesOn whether it is one that begins and goes on
  public void complete(int code, boolean goesOn) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      if (ended) {
        return;
      }
      if (code == 0) {
        status(
            Status.newBuilder()
                .setStatus("Success")
                .setMessage("Connection closed early")
                .setCode(200)
                .build());
      } else {
        code(code);
      }
      if (goesOn && !started) {
        started = true;
        tell(Stage.STARTED);
      }
      ended = true;
      tell(Stage.COMPLETE);
    }
  }

  /// The server failed over it.
  public void failed(Throwable cause) {
    if (!isOn()) {
      return;
    }
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      status(
          Status.newBuilder()
              .setStatus("Failure")
              .setReason("InternalError")
              .setMessage("APIServer panic'd: " + cause)
              .setCode(500)
              .build());
      tell(Stage.PANIC);
    }
  }

  /// It has come in.
  synchronized void received() {
    tell(Stage.RECEIVED);
  }

  private void tell(Stage stage) {
    if (arrival.isEmpty() || ruling.silent().contains(stage)) {
      return;
    }
    Map<String, String> all = new LinkedHashMap<>(annotations);
    notes.annotations().forEach(all::putIfAbsent);
    log.tell(
        new EventJson.Event(
            ruling.level(),
            arrival.get(),
            stage,
            verb,
            user,
            impersonated,
            object,
            status,
            request,
            response,
            stage == Stage.RECEIVED ? arrival.get().received() : log.now(),
            all));
  }
}
