package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.client.ApiError;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.storage.Write;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What is a kind's own in the verbs that are the same for all.
interface Strategy {

  /// The strategy of kinds that have nothing of their own.
  Strategy PLAIN = new Strategy() {};

  /// Things taken for one write, as addresses: given back if it is not made.
  interface Claim {
    Claim NOTHING =
        new Claim() {
          @Override
          public void giveBack() {}

          @Override
          public void made(long revision) {}
        };

    /// The write was not made, or nobody knows.
    void giveBack();

    /// The write was made: the cache shows what it took from this revision on.
    void made(long revision);
  }

  /// An object and what was taken for it.
  record Prepared(Message object, Claim claim) {}

  /// A new object, defaulted, before it is validated. Sets what the system owns.
  default Message prepareCreate(Message object) {
    return object;
  }

  /// The new state of an object, defaulted, before it is validated. Keeps what the writer may not
  /// change.
  default Message prepareUpdate(Message before, Message after) {
    return after;
  }

  /// A new object with what it says of its author.
  ///
  /// @param author nobody where the registry itself makes it
  default Message authored(Message object, Optional<User> author) {
    return object;
  }

  /// The new state of an object whose status was written.
  ///
  /// @param part through which it was: `status`, or `approval`
  default Message prepareStatusUpdate(String part, Message before, Message after) {
    return after;
  }

  /// Takes what a new object needs, once it has been validated.
  default Prepared claimCreate(Message object, boolean dryRun) {
    return new Prepared(object, Claim.NOTHING);
  }

  /// Whether a change may take something, and so must be computed on the newest version.
  default boolean claimsOnUpdate() {
    return false;
  }

  /// Takes what a changed object needs more than before.
  default Prepared claimUpdate(Message before, Message after, boolean dryRun) {
    return new Prepared(after, Claim.NOTHING);
  }

  /// What is wrong with a new object, beside what the schema's rules find.
  default List<ApiError.Cause> onCreate(Message object) {
    return List.of();
  }

  /// What is wrong with a change, beside what the schema's rules find.
  default List<ApiError.Cause> onUpdate(Message before, Message after) {
    return List.of();
  }

  /// How many of something the object wants and has.
  default Scale scale(Message object) {
    return Scales.of(object);
  }

  /// The object wanting as many as the scale says.
  default Message scaled(Message object, Scale scale) {
    return Scales.applied(object, scale);
  }

  /// How long the object may take to end, in seconds.
  default long graceSeconds(Message object, DeleteOptions options) {
    return 0;
  }

  /// Whether something beside finalizers and grace keeps a deleted object.
  default boolean isHeld(Message object) {
    return false;
  }

  /// The object as it is when its deletion has begun.
  default Message marked(Message object) {
    return object;
  }

  /// After which the store removes objects by itself.
  default Duration timeToLive() {
    return Write.FOREVER;
  }

  /// Whether the kind's objects count the changes of what their author wants.
  default boolean countsGenerations() {
    return true;
  }

  /// Whether a new object may bring its status along.
  default boolean keepsStatusOnCreate() {
    return false;
  }

  /// Whether a write is answered only when the cache shows it, since other writes are judged by it.
  default boolean showsAtOnce() {
    return false;
  }

  /// Called when the cache shows a write, before the write is answered; only where [#showsAtOnce].
  default void shown() {}

  /// What of the metadata may be written together with the status.
  enum StatusMetadata {
    NOTHING,
    ANNOTATIONS,
    LABELS_AND_ANNOTATIONS
  }

  /// Most kinds let who writes their status mark them as well.
  default StatusMetadata writtenWithStatus() {
    return StatusMetadata.LABELS_AND_ANNOTATIONS;
  }

  /// Whether an update of an object that is not there creates it.
  default boolean createsOnUpdate() {
    return false;
  }

  /// Whether an object that nobody says how to delete leaves what it owns behind.
  default boolean orphansByDefault() {
    return false;
  }
}
