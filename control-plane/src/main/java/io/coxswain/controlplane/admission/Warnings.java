package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.DaemonSet;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.StatefulSet;
import io.coxswain.api.batch.v1.CronJob;
import io.coxswain.api.batch.v1.Job;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.PodTemplate;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.resource.v1.ResourceSlice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Things that are allowed and probably not meant; and fields that have no effect here.
final class Warnings {

  private static final int MOST = 20;

  private Warnings() {}

  static List<String> of(Message object, ObjectMeta metadata) {
    List<String> warnings = new ArrayList<>();
    NoEffect.collect(object, "", warnings);
    switch (object) {
      case Pod pod -> {
        pod(pod.getSpec(), "spec", warnings);
        if (metadata.getName().contains(".")) {
          warnings.add(
              "metadata.name: this is used in the Pod's hostname, which can result in surprising"
                  + " behavior; a DNS label is recommended");
        }
      }
      case Service service -> service(service.getSpec(), warnings);
      case Deployment deployment ->
          pod(deployment.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case ReplicaSet set ->
          pod(set.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case DaemonSet set ->
          pod(set.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case StatefulSet set ->
          pod(set.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case ReplicationController controller ->
          pod(controller.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case Job job -> pod(job.getSpec().getTemplate().getSpec(), "spec.template.spec", warnings);
      case CronJob job ->
          pod(
              job.getSpec().getJobTemplate().getSpec().getTemplate().getSpec(),
              "spec.jobTemplate.spec.template.spec",
              warnings);
      case PodTemplate template -> pod(template.getTemplate().getSpec(), "template.spec", warnings);
      case ResourceSlice slice -> driver(slice.getSpec().getDriver(), warnings);
      default -> {
        // nothing to say
      }
    }
    return warnings.subList(0, Math.min(MOST, warnings.size()));
  }

  /// What has an effect for other values of the same field.
  private static void service(ServiceSpec spec, List<String> warnings) {
    if (spec.getType().equals("LoadBalancer")) {
      warnings.add(
          "spec.type: nothing in this cluster gives a LoadBalancer its address: it is reached at its"
              + " cluster IP and node ports");
    }
    if (spec.getIpFamiliesList().contains("IPv6")) {
      warnings.add("spec.ipFamilies: IPv6 has no effect in this cluster: addresses are IPv4");
    }
  }

  private static void driver(String name, List<String> warnings) {
    if (!name.equals(name.toLowerCase(Locale.ROOT))) {
      warnings.add(
          "spec.driver: driver names should be lowercase; \""
              + name
              + "\" contains uppercase characters");
    }
  }

  private static void pod(PodSpec spec, String path, List<String> warnings) {
    if (spec.getResourceClaimsCount() > 0) {
      warnings.add(
          path
              + ".resourceClaims: nothing allocates devices in this version of Coxswain: a pod that"
              + " claims any does not run");
    }
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
}
