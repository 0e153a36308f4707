package io.coxswain.controlplane.watch;

import java.lang.ref.Reference;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.function.Supplier;

/// Forms of one immutable thing, as its JSON, made once and shared by reference: hundreds of
/// watchers of one event send the same bytes. History does not hold every encoding that was ever
/// asked for: forms stay while anybody still holds them, or while there is memory to spare.
public final class Memo {

  private record Form(Object name, Reference<Object> value) {

    private boolean lasts() {
      return value instanceof SoftReference;
    }
  }

  private volatile List<Form> forms = List.of();

  /// The form of that name, made by this call or an earlier one. Two threads that come first at the
  /// same time may both make it.
  ///
  /// @param name tells forms apart; few for each thing
  public <T> T form(Object name, Class<T> type, Supplier<T> maker) {
    return form(name, type, maker, false);
  }

  /// As the other, of what is likely to be asked for again: stays from now on as long as memory is
  /// not short.
  public <T> T lasting(Object name, Class<T> type, Supplier<T> maker) {
    return form(name, type, maker, true);
  }

  private <T> T form(Object name, Class<T> type, Supplier<T> maker, boolean lasting) {
    for (Form form : forms) {
      if (form.name().equals(name)) {
        Object value = form.value().get();
        if (value != null) {
          if (lasting && !form.lasts()) {
            keep(name, new SoftReference<>(value));
          }
          return type.cast(value);
        }
      }
    }
    T made = maker.get();
    keep(name, lasting ? new SoftReference<>(made) : new WeakReference<>(made));
    return made;
  }

  private synchronized void keep(Object name, Reference<Object> made) {
    List<Form> kept = new java.util.ArrayList<>(forms.size() + 1);
    for (Form form : forms) {
      if (!form.name().equals(name) && form.value().get() != null) {
        kept.add(form);
      }
    }
    kept.add(new Form(name, made));
    forms = List.copyOf(kept);
  }
}
