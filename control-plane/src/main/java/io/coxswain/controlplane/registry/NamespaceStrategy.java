package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.NamespaceSpec;
import io.coxswain.api.core.v1.NamespaceStatus;

/// A namespace is held by finalizers of its own in `spec` until everything in it is gone.
final class NamespaceStrategy implements Strategy {

  private static final String FINALIZER = "kubernetes";

  @Override
  public Message prepareCreate(Message object) {
    Namespace namespace = (Namespace) object;
    Namespace.Builder made =
        namespace.toBuilder().setStatus(NamespaceStatus.newBuilder().setPhase("Active"));
    if (!namespace.getSpec().getFinalizersList().contains(FINALIZER)) {
      made.getSpecBuilder().addFinalizers(FINALIZER);
    }
    return made.build();
  }

  @Override
  public Message prepareUpdate(Message before, Message after) {
    NamespaceSpec spec = ((Namespace) before).getSpec();
    return ((Namespace) after).toBuilder().setSpec(spec).build();
  }

  @Override
  public boolean isHeld(Message object) {
    return ((Namespace) object).getSpec().getFinalizersCount() > 0;
  }

  @Override
  public Message marked(Message object) {
    Namespace.Builder marked = ((Namespace) object).toBuilder();
    marked.getStatusBuilder().setPhase("Terminating");
    return marked.build();
  }

  @Override
  public boolean countsGenerations() {
    return false;
  }

  /// Nothing may be made in a namespace that ends, from the answer to its deletion on.
  @Override
  public boolean showsAtOnce() {
    return true;
  }
}
