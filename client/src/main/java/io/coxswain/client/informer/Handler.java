package io.coxswain.client.informer;

import com.google.protobuf.Message;
import java.util.function.Consumer;

/// Hears of changes, one at a time and in the order in which they happened. Must not block for
/// long: put a key into a queue and return.
///
/// After a gap (the watch was cut off and the objects were listed again) only the difference is
/// told: several changes of one object become one, and an object that went and came back under the
/// same name is told as deleted and added.
public interface Handler<T extends Message> {

  default void added(T object) {}

  default void updated(T before, T after) {}

  /// @param last the last state known, which after a gap may be older than the last there was
  default void deleted(T last) {}

  /// The same for each kind of change.
  static <T extends Message> Handler<T> each(Consumer<? super T> consumer) {
    return new Handler<>() {
      @Override
      public void added(T object) {
        consumer.accept(object);
      }

      @Override
      public void updated(T before, T after) {
        consumer.accept(after);
      }

      @Override
      public void deleted(T last) {
        consumer.accept(last);
      }
    };
  }
}
