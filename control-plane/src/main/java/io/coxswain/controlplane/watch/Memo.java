package io.coxswain.controlplane.watch;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.function.Supplier;

/// Forms of one immutable thing, as its JSON, made once and shared by reference while anybody still
/// holds them: hundreds of watchers of one event send the same bytes. Kept weakly, so that history
/// does not hold every encoding that was ever asked for.
public final class Memo {

  private record Form(Object name, WeakReference<Object> value) {}

  private volatile List<Form> forms = List.of();

  /// The form of that name, made by this call or an earlier one. Two threads that come first at the
  /// same time may both make it.
  ///
  /// @param name tells forms apart; few for each thing
  public <T> T form(Object name, Class<T> type, Supplier<T> maker) {
    for (Form form : forms) {
      if (form.name().equals(name)) {
        Object value = form.value().get();
        if (value != null) {
          return type.cast(value);
        }
      }
    }
    T made = maker.get();
    keep(name, made);
    return made;
  }

  private synchronized void keep(Object name, Object made) {
    List<Form> kept = new java.util.ArrayList<>(forms.size() + 1);
    for (Form form : forms) {
      if (!form.name().equals(name) && form.value().get() != null) {
        kept.add(form);
      }
    }
    kept.add(new Form(name, new WeakReference<>(made)));
    forms = List.copyOf(kept);
  }
}
