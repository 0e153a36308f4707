package io.coxswain.controlplane.controller.serviceaccount;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.schema.ResourceType;
import java.util.Map;
import java.util.Optional;

/// Reads namespaces. Writes in each the ServiceAccount `default`, once, and the ConfigMap
/// `kube-root-ca.crt`, whole. Watches only the objects of these names.
public final class NamespaceDefaultsController implements Controller {

  private static final String ACCOUNT = "default";
  private static final String CERTIFICATES = "kube-root-ca.crt";

  private final Informer<Namespace> namespaces;
  private final Informer<ServiceAccount> accounts;
  private final Informer<ConfigMap> certificates;
  private final Resources<ServiceAccount> accountResources;
  private final Resources<ConfigMap> certificateResources;
  private final Map<String, String> data;
  private final Work work;

  /// @param rootCertificates in PEM; empty when there are none to give
  public NamespaceDefaultsController(ControllerContext context, String rootCertificates) {
    this.namespaces = context.informers().informer(Namespace.class);
    this.accounts =
        context.informers().informer(ResourceType.of(ServiceAccount.class), named(ACCOUNT));
    this.certificates =
        context.informers().informer(ResourceType.of(ConfigMap.class), named(CERTIFICATES));
    this.accountResources = context.client().resources(ServiceAccount.class);
    this.certificateResources = context.client().resources(ConfigMap.class);
    this.data = rootCertificates.isEmpty() ? Map.of() : Map.of("ca.crt", rootCertificates);
    this.work =
        new Work(
            "namespace-defaults",
            1,
            context,
            this::reconcile,
            () -> namespaces.list().stream().map(ObjectMetas::key).toList());
    namespaces.addHandler(Handler.each(work::enqueue));
    accounts.addHandler(Handler.each(this::wakeNamespace));
    certificates.addHandler(Handler.each(this::wakeNamespace));
  }

  @Override
  public Work work() {
    return work;
  }

  private static ListOptions named(String name) {
    return ListOptions.ALL.withFields("metadata.name=" + name);
  }

  private void wakeNamespace(Message object) {
    work.enqueue(new ObjectKey("", ObjectMetas.key(object).namespace()));
  }

  private Result reconcile(ObjectKey key) {
    Optional<Namespace> namespace =
        namespaces.find(key).filter(found -> !found.getMetadata().hasDeletionTimestamp());
    if (namespace.isEmpty()) {
      return Result.done();
    }
    try {
      if (accounts.find(key.name(), ACCOUNT).isEmpty()) {
        ServiceAccount ignored =
            accountResources.create(
                ServiceAccount.newBuilder().setMetadata(meta(key.name(), ACCOUNT)).build());
      }
    } catch (ApiException e) {
      if (!isSettled(e)) {
        throw e;
      }
    }
    try {
      giveCertificates(key.name());
    } catch (ApiException e) {
      if (!isSettled(e)) {
        throw e;
      }
    }
    return Result.done();
  }

  private void giveCertificates(String namespace) {
    if (data.isEmpty()) {
      return;
    }
    Optional<ConfigMap> found = certificates.find(namespace, CERTIFICATES);
    if (found.isEmpty()) {
      ConfigMap ignored =
          certificateResources.create(
              ConfigMap.newBuilder()
                  .setMetadata(meta(namespace, CERTIFICATES))
                  .putAllData(data)
                  .build());
    } else if (!found.get().getDataMap().equals(data)) {
      ConfigMap ignored =
          certificateResources.update(found.get().toBuilder().clearData().putAllData(data).build());
    }
  }

  // There already, or the namespace has begun to go since: both will be heard of.
  private static boolean isSettled(ApiException e) {
    return e.isAlreadyExists() || e.isNotFound() || e.error() instanceof ApiError.Forbidden;
  }

  private static ObjectMeta meta(String namespace, String name) {
    return ObjectMeta.newBuilder().setNamespace(namespace).setName(name).build();
  }
}
