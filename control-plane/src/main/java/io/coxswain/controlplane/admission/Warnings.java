package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.DaemonSet;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.StatefulSet;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Things that are allowed and probably not meant; and fields that have no effect here.
final class Warnings {

  private static final int MOST = 20;

  private Warnings() {}

  static List<String> of(Message object, ObjectMeta metadata) {
    List<String> warnings = new ArrayList<>();
    collect(object, "", warnings);
    switch (object) {
      case Pod pod -> {
        pod(pod.getSpec(), "spec", warnings);
        if (metadata.getName().contains(".")) {
          warnings.add(
              "metadata.name: this is used in the Pod's hostname, which can result in surprising"
                  + " behavior; a DNS label is recommended");
        }
      }
      case Deployment deployment ->
          pod(deployment.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case ReplicaSet set ->
          pod(set.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case DaemonSet set ->
          pod(set.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case StatefulSet set ->
          pod(set.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      default -> {
        // nothing to say
      }
    }
    return warnings.subList(0, Math.min(MOST, warnings.size()));
  }

  private static void pod(PodSpec spec, String path, List<String> warnings) {
    for (int i = 0; i < spec.getContainersCount(); i++) {
      Set<String> names = new HashSet<>();
      for (int j = 0; j < spec.getContainers(i).getEnvCount(); j++) {
        String name = spec.getContainers(i).getEnv(j).getName();
        if (!names.add(name)) {
          warnings.add(
              path
                  + ".containers["
                  + i
                  + "].env["
                  + j
                  + "]: hides previous definition of \""
                  + name
                  + "\", which may be dropped when using apply");
        }
      }
    }
  }

  private static void collect(Message message, String path, List<String> warnings) {
    for (FieldSchema field : MessageSchema.of(message.getDescriptorForType()).fields()) {
      boolean nested =
          field.holdsMessages() && !field.isMap() && field.message().jsonForm() == JsonForm.OBJECT;
      String at = field.inline() ? path : SchemaRules.child(path, field.jsonName());
      if (field.isList()) {
        int count = message.getRepeatedFieldCount(field.descriptor());
        if (field.noEffect() && count > 0) {
          warnings.add(at + ": has no effect in this cluster");
        }
        for (int i = 0; nested && i < count; i++) {
          Message item = (Message) message.getRepeatedField(field.descriptor(), i);
          collect(item, at + "[" + i + "]", warnings);
        }
      } else if (!field.isMap() && message.hasField(field.descriptor())) {
        if (field.noEffect()) {
          warnings.add(at + ": has no effect in this cluster");
        }
        if (nested) {
          collect((Message) message.getField(field.descriptor()), at, warnings);
        }
      }
    }
  }
}
