package io.coxswain.controlplane.admission;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionSpec;
import io.coxswain.api.apps.v1.DaemonSet;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.StatefulSet;
import io.coxswain.api.batch.v1.CronJob;
import io.coxswain.api.batch.v1.Job;
import io.coxswain.api.core.v1.LimitRange;
import io.coxswain.api.core.v1.LimitRangeItem;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodTemplate;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.networking.v1.NetworkPolicy;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.api.rbac.v1.Subject;
import io.coxswain.api.resource.v1.ResourceClaim;
import io.coxswain.api.resource.v1.ResourceClaimTemplate;
import io.coxswain.api.resource.v1.ResourceSlice;
import io.coxswain.schema.SchemaDefaults;
import java.util.Locale;

/// Completes objects as Kubernetes does: what an author left out gets the value that it means.
/// Applying it again changes nothing.
public final class Defaults {

  private Defaults() {}

  /// The object with everything filled in. A kind without rules gets the schema's constants.
  public static <T extends Message> T apply(T object) {
    Message.Builder prepared = object.toBuilder();
    prepare(prepared);
    Message.Builder builder = SchemaDefaults.apply(prepared.build()).toBuilder();
    complete(builder);
    @SuppressWarnings("unchecked") // a builder builds the class it came from
    T completed = (T) builder.build();
    return completed;
  }

  /// What must be there before the constants, as the messages in which they are set.
  private static void prepare(Message.Builder object) {
    switch (object) {
      case Pod.Builder pod -> PodDefaults.prepare(pod.getSpecBuilder());
      case PodTemplate.Builder template ->
          PodDefaults.prepare(template.getTemplateBuilder().getSpecBuilder());
      case Deployment.Builder deployment ->
          PodDefaults.prepare(deployment.getSpecBuilder().getTemplateBuilder().getSpecBuilder());
      case ReplicaSet.Builder set ->
          PodDefaults.prepare(set.getSpecBuilder().getTemplateBuilder().getSpecBuilder());
      case DaemonSet.Builder set ->
          PodDefaults.prepare(set.getSpecBuilder().getTemplateBuilder().getSpecBuilder());
      case StatefulSet.Builder set ->
          PodDefaults.prepare(set.getSpecBuilder().getTemplateBuilder().getSpecBuilder());
      case ReplicationController.Builder controller ->
          PodDefaults.prepare(controller.getSpecBuilder().getTemplateBuilder().getSpecBuilder());
      case Job.Builder job ->
          PodDefaults.prepare(job.getSpecBuilder().getTemplateBuilder().getSpecBuilder());
      case CronJob.Builder job ->
          PodDefaults.prepare(
              job.getSpecBuilder()
                  .getJobTemplateBuilder()
                  .getSpecBuilder()
                  .getTemplateBuilder()
                  .getSpecBuilder());
      case Service.Builder service -> service.getSpecBuilder();
      default -> {
        // the constants are all
      }
    }
    WorkloadDefaults.prepare(object);
  }

  /// What follows from other fields.
  private static void complete(Message.Builder object) {
    switch (object) {
      case Pod.Builder pod -> PodDefaults.complete(pod);
      case Service.Builder service -> ServiceDefaults.complete(service.getSpecBuilder());
      case Secret.Builder secret -> readStringData(secret);
      case Namespace.Builder namespace -> label(namespace);
      case LimitRange.Builder range ->
          range.getSpecBuilder().getLimitsBuilderList().forEach(Defaults::limits);
      case NetworkPolicy.Builder policy -> policyTypes(policy);
      case CustomResourceDefinition.Builder definition -> names(definition.getSpecBuilder());
      case RoleBinding.Builder binding ->
          binding.getSubjectsBuilderList().forEach(Defaults::subjectGroup);
      case ClusterRoleBinding.Builder binding ->
          binding.getSubjectsBuilderList().forEach(Defaults::subjectGroup);
      case ResourceClaim.Builder claim ->
          DeviceDefaults.complete(claim.getSpecBuilder().getDevicesBuilder());
      case ResourceClaimTemplate.Builder template ->
          DeviceDefaults.complete(template.getSpecBuilder().getSpecBuilder().getDevicesBuilder());
      case ResourceSlice.Builder slice -> DeviceDefaults.complete(slice.getSpecBuilder());
      default -> WorkloadDefaults.complete(object);
    }
  }

  /// `stringData` is only a way to write `data`.
  private static void readStringData(Secret.Builder secret) {
    secret
        .getStringDataMap()
        .forEach((key, text) -> secret.putData(key, ByteString.copyFromUtf8(text)));
    secret.clearStringData();
  }

  /// Selectors of namespaces go by labels; with this one they can choose a name.
  private static void label(Namespace.Builder namespace) {
    if (!namespace.getMetadata().getName().isEmpty()) {
      namespace
          .getMetadataBuilder()
          .putLabels("kubernetes.io/metadata.name", namespace.getMetadata().getName());
    }
  }

  /// What a kind is called where its author did not say.
  private static void names(CustomResourceDefinitionSpec.Builder spec) {
    var names = spec.getNamesBuilder();
    if (names.getSingular().isEmpty()) {
      names.setSingular(names.getKind().toLowerCase(Locale.ROOT));
    }
    if (names.getListKind().isEmpty() && !names.getKind().isEmpty()) {
      names.setListKind(names.getKind() + "List");
    }
    if (spec.getConversion().getStrategy().isEmpty()) {
      spec.getConversionBuilder().setStrategy("None");
    }
    var client = spec.getConversion().getWebhook().getClientConfig();
    if (client.hasService() && !client.getService().hasPort()) {
      spec.getConversionBuilder()
          .getWebhookBuilder()
          .getClientConfigBuilder()
          .getServiceBuilder()
          .setPort(443);
    }
  }

  /// Who sets only a maximum means it for those who say nothing, too.
  private static void limits(LimitRangeItem.Builder item) {
    if (!item.getType().equals("Container")) {
      return;
    }
    item.getMaxMap()
        .forEach((name, most) -> {
          if (!item.containsDefault(name)) {
            item.putDefault(name, most);
          }
        });
    item.getDefaultMap()
        .forEach((name, limit) -> {
          if (!item.containsDefaultRequest(name)) {
            item.putDefaultRequest(name, limit);
          }
        });
    item.getMinMap()
        .forEach((name, least) -> {
          if (!item.containsDefaultRequest(name)) {
            item.putDefaultRequest(name, least);
          }
        });
  }

  private static void policyTypes(NetworkPolicy.Builder policy) {
    var spec = policy.getSpecBuilder();
    if (spec.getPolicyTypesCount() == 0) {
      spec.addPolicyTypes("Ingress");
      if (spec.getEgressCount() > 0) {
        spec.addPolicyTypes("Egress");
      }
    }
  }

  private static void subjectGroup(Subject.Builder subject) {
    boolean named = subject.getKind().equals("User") || subject.getKind().equals("Group");
    if (named && subject.getApiGroup().isEmpty()) {
      subject.setApiGroup("rbac.authorization.k8s.io");
    }
  }
}
