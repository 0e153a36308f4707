package io.coxswain.scheduler.plugin.binding;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.Resources;
import io.coxswain.scheduler.framework.BindPlugin;
import io.coxswain.scheduler.snapshot.PodInfo;

/// Writes the pod's `binding`: the API sets `spec.nodeName`, once, for this incarnation of the pod
/// only.
public final class DefaultBinder implements BindPlugin {

  private final Resources<Pod> pods;

  public DefaultBinder(ApiClient client) {
    this.pods = client.resources(Pod.class);
  }

  @Override
  public String name() {
    return "DefaultBinder";
  }

  @Override
  public void bind(PodInfo pod, String node) {
    Binding binding =
        Binding.newBuilder()
            .setMetadata(
                ObjectMeta.newBuilder()
                    .setNamespace(pod.namespace())
                    .setName(pod.name())
                    .setUid(pod.uid()))
            .setTarget(ObjectReference.newBuilder().setKind("Node").setName(node))
            .build();
    Message ignored = pods.createSubresource(pod.namespace(), pod.name(), "binding", binding);
  }
}
