package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apps.v1.DaemonSet;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.apps.v1.StatefulSet;
import io.coxswain.api.batch.v1.CronJob;
import io.coxswain.api.batch.v1.Job;
import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.LimitRange;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodTemplate;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.core.v1.ResourceQuota;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.coxswain.api.rbac.v1.ClusterRole;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.api.resource.v1.DeviceClass;
import io.coxswain.api.resource.v1.ResourceClaim;
import io.coxswain.api.resource.v1.ResourceClaimTemplate;
import io.coxswain.api.resource.v1.ResourceSlice;
import io.coxswain.api.scheduling.v1.PriorityClass;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ApiError.Cause;
import io.coxswain.client.codec.ObjectMetas;
import java.util.List;

/// Checks objects after [Defaults] completed them. Answers with everything that is wrong, at most
/// 200 causes; none when all is well.
public final class Validation {

  private Validation() {}

  /// @param object with its metadata as it is to be stored
  public static List<Cause> onCreate(Message object) {
    Problems problems = new Problems();
    MetadataRules.check(object, problems);
    checkContent(object, problems);
    if (object instanceof CertificateSigningRequest request) {
      CertificateRules.checkNew(request, problems);
    }
    if (object instanceof Pod pod && pod.getSpec().getEphemeralContainersCount() > 0) {
      problems.forbidden("spec.ephemeralContainers", "cannot be set on create");
    }
    return problems.causes();
  }

  /// @param before what is stored
  /// @param after what is to be stored in its place
  public static List<Cause> onUpdate(Message before, Message after) {
    Problems problems = new Problems();
    MetadataRules.check(after, problems);
    MetadataRules.checkUpdate(before, after, problems);
    checkContent(after, problems);
    SchemaRules.checkUnchanged(before, after, "", problems);
    checkChange(before, after, problems);
    return problems.causes();
  }

  /// A status is its controller's to write: it must be of the same object, and what marks are
  /// written along with it must be right.
  ///
  /// @param part through which it is written: `status`, or `approval`
  public static List<Cause> onStatusUpdate(String part, Message before, Message after) {
    Problems problems = new Problems();
    MetadataRules.checkUpdate(before, after, problems);
    MetadataRules.checkWrittenMarks(before, after, problems);
    if (after instanceof CertificateSigningRequest request) {
      CertificateRules.checkStatus(part, (CertificateSigningRequest) before, request, problems);
    }
    if (after instanceof Namespace namespace) {
      ClusterRules.checkStatus(namespace, problems);
    }
    if (after instanceof ResourceClaim claim) {
      DeviceStatusRules.check((ResourceClaim) before, claim, problems);
    }
    return problems.causes();
  }

  /// What a subresource changed of a pod or a namespace: only its own part, which its caller saw
  /// to.
  public static List<Cause> onPartUpdate(String part, Message before, Message after) {
    Problems problems = new Problems();
    MetadataRules.checkUpdate(before, after, problems);
    if (after instanceof Namespace namespace) {
      ClusterRules.checkFinalizers(namespace, problems);
    } else {
      checkContent(after, problems);
      PodPartRules.check(part, (Pod) before, (Pod) after, problems);
    }
    return problems.causes();
  }

  private static void checkContent(Message object, Problems problems) {
    SchemaRules.check(object, problems);
    switch (object) {
      case Pod pod -> {
        PodRules.check(pod.getSpec(), "spec", problems);
        AppArmorRules.checkAnnotations(
            pod.getMetadata(), pod.getSpec(), "metadata.annotations", problems);
      }
      case PodTemplate template ->
          WorkloadRules.template(template.getTemplate(), "template", problems);
      case Deployment deployment -> WorkloadRules.check(deployment, problems);
      case ReplicaSet set -> WorkloadRules.check(set, problems);
      case DaemonSet set -> WorkloadRules.check(set, problems);
      case StatefulSet set -> WorkloadRules.check(set, problems);
      case ReplicationController controller -> WorkloadRules.check(controller, problems);
      case Job job -> WorkloadRules.check(job.getSpec(), "spec", problems);
      case CronJob job ->
          WorkloadRules.check(
              job.getSpec().getJobTemplate().getSpec(), "spec.jobTemplate.spec", problems);
      case Service service -> ServiceRules.check(service, problems);
      case ConfigMap config -> ConfigRules.check(config, problems);
      case Secret secret -> ConfigRules.check(secret, problems);
      case Namespace namespace -> ClusterRules.check(namespace, problems);
      case Node node -> ClusterRules.check(node, problems);
      case Endpoints endpoints -> ClusterRules.check(endpoints, problems);
      case EndpointSlice slice -> ClusterRules.check(slice, problems);
      case Event event -> EventRules.check(event, problems);
      case io.coxswain.api.events.v1.Event event -> EventRules.check(event, problems);
      case APIService service -> ApiServiceRules.check(service, problems);
      case MutatingWebhookConfiguration hooks -> WebhookRules.check(hooks, problems);
      case ValidatingWebhookConfiguration hooks -> WebhookRules.check(hooks, problems);
      case ValidatingAdmissionPolicy policy -> AdmissionPolicyRules.check(policy, problems);
      case ValidatingAdmissionPolicyBinding binding ->
          AdmissionPolicyRules.check(binding, problems);
      case MutatingAdmissionPolicy policy -> AdmissionPolicyRules.check(policy, problems);
      case MutatingAdmissionPolicyBinding binding -> AdmissionPolicyRules.check(binding, problems);
      case PersistentVolume volume -> StorageRules.check(volume, problems);
      case PersistentVolumeClaim claim -> StorageRules.check(claim, problems);
      case PriorityClass wanted -> PolicyRules.check(wanted, problems);
      case LimitRange range -> PolicyRules.check(range, problems);
      case ResourceQuota quota -> PolicyRules.check(quota, problems);
      case FlowSchema schema -> FlowRules.check(schema, problems);
      case PriorityLevelConfiguration level -> FlowRules.check(level, problems);
      case Role role -> RoleRules.check(role, problems);
      case ClusterRole role -> RoleRules.check(role, problems);
      case RoleBinding binding -> RoleRules.check(binding, problems);
      case ClusterRoleBinding binding -> RoleRules.check(binding, problems);
      case DeviceClass sort -> DeviceParts.check(sort.getSpec(), problems);
      case ResourceClaim claim ->
          DeviceClaimRules.check(claim.getSpec().getDevices(), "spec.devices", problems);
      case ResourceClaimTemplate template -> DeviceClaimRules.check(template.getSpec(), problems);
      case ResourceSlice slice -> SliceRules.check(slice, problems);
      default -> {
        // the schema says it all
      }
    }
  }

  private static void checkChange(Message before, Message after, Problems problems) {
    switch (after) {
      case Pod pod -> PodUpdates.check((Pod) before, pod, problems);
      case ConfigMap config -> ConfigRules.check((ConfigMap) before, config, problems);
      case Secret secret -> ConfigRules.check((Secret) before, secret, problems);
      case Node node -> ClusterRules.check((Node) before, node, problems);
      case ResourceQuota quota -> PolicyRules.check((ResourceQuota) before, quota, problems);
      case PersistentVolume volume ->
          StorageRules.check((PersistentVolume) before, volume, problems);
      case PersistentVolumeClaim claim ->
          StorageRules.check((PersistentVolumeClaim) before, claim, problems);
      case StorageClass one -> StorageRules.check((StorageClass) before, one, problems);
      case ResourceSlice slice -> SliceRules.check((ResourceSlice) before, slice, problems);
      case Job job -> {
        var template = job.getSpec().getTemplate();
        boolean suspended = ((Job) before).getSpec().getSuspend();
        if (!suspended && !((Job) before).getSpec().getTemplate().equals(template)) {
          problems.invalidJson("spec.template", SchemaRules.shown(template), "field is immutable");
        }
      }
      default -> {
        // fields that may not change are marked in the schema
      }
    }
  }

  /// What the author should know though nothing is wrong, as `Warning` headers tell it.
  public static List<String> warnings(Message object) {
    return Warnings.of(object, ObjectMetas.read(object));
  }
}
