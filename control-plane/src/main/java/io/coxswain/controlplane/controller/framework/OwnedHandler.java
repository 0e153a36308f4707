package io.coxswain.controlplane.controller.framework;

import com.google.protobuf.Message;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.informer.Handler;
import java.util.function.Consumer;

/// Tells of every change of an object that controllers own, and when it changes hands, of its state
/// before, too: its last owner misses it.
///
/// @param wake puts whoever may own the object to work
public record OwnedHandler<T extends Message>(Consumer<T> wake) implements Handler<T> {

  @Override
  public void added(T object) {
    wake.accept(object);
  }

  @Override
  public void updated(T before, T after) {
    String owner = OwnerReferences.controllerUid(ObjectMetas.read(before));
    if (!owner.equals(OwnerReferences.controllerUid(ObjectMetas.read(after)))) {
      wake.accept(before);
    }
    wake.accept(after);
  }

  @Override
  public void deleted(T last) {
    wake.accept(last);
  }
}
