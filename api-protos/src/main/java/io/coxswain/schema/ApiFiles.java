package io.coxswain.schema;

import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.List;

/// Every file of the schema: the one list to which a new file is added. Nothing else names them.
final class ApiFiles {

  static final List<FileDescriptor> ALL =
      List.of(
          io.coxswain.api.admissionregistration.v1.Admissionregistration.getDescriptor(),
          io.coxswain.api.apiextensions.v1.Apiextensions.getDescriptor(),
          io.coxswain.api.apiregistration.v1.Apiregistration.getDescriptor(),
          io.coxswain.api.apps.v1.Apps.getDescriptor(),
          io.coxswain.api.authentication.v1.Authentication.getDescriptor(),
          io.coxswain.api.authorization.v1.Authorization.getDescriptor(),
          io.coxswain.api.autoscaling.v1.Autoscaling.getDescriptor(),
          io.coxswain.api.autoscaling.v2.Autoscaling.getDescriptor(),
          io.coxswain.api.batch.v1.Batch.getDescriptor(),
          io.coxswain.api.certificates.v1.Certificates.getDescriptor(),
          io.coxswain.api.coordination.v1.Coordination.getDescriptor(),
          io.coxswain.api.core.v1.Common.getDescriptor(),
          io.coxswain.api.core.v1.Config.getDescriptor(),
          io.coxswain.api.core.v1.EventOuterClass.getDescriptor(),
          io.coxswain.api.core.v1.NamespaceOuterClass.getDescriptor(),
          io.coxswain.api.core.v1.NodeOuterClass.getDescriptor(),
          io.coxswain.api.core.v1.Other.getDescriptor(),
          io.coxswain.api.core.v1.PodOuterClass.getDescriptor(),
          io.coxswain.api.core.v1.Quota.getDescriptor(),
          io.coxswain.api.core.v1.ReplicationControllerOuterClass.getDescriptor(),
          io.coxswain.api.core.v1.ServiceOuterClass.getDescriptor(),
          io.coxswain.api.core.v1.VolumeOuterClass.getDescriptor(),
          io.coxswain.api.discovery.v1.Discovery.getDescriptor(),
          io.coxswain.api.events.v1.Events.getDescriptor(),
          io.coxswain.api.flowcontrol.v1.Flowcontrol.getDescriptor(),
          io.coxswain.api.intstr.Intstr.getDescriptor(),
          io.coxswain.api.meta.v1.Meta.getDescriptor(),
          io.coxswain.api.meta.v1.TableOuterClass.getDescriptor(),
          io.coxswain.api.metrics.v1beta1.Metrics.getDescriptor(),
          io.coxswain.api.networking.v1.Networking.getDescriptor(),
          io.coxswain.api.node.v1.Node.getDescriptor(),
          io.coxswain.api.policy.v1.Policy.getDescriptor(),
          io.coxswain.api.rbac.v1.Rbac.getDescriptor(),
          io.coxswain.api.resource.QuantityOuterClass.getDescriptor(),
          io.coxswain.api.resource.v1.Resource.getDescriptor(),
          io.coxswain.api.runtime.Runtime.getDescriptor(),
          io.coxswain.api.scheduling.v1.Scheduling.getDescriptor(),
          io.coxswain.api.storage.v1.Storage.getDescriptor());

  private ApiFiles() {}
}
