package io.coxswain.controlplane.controller.namespace;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.NamespaceStatus;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.CustomTypes;
import io.coxswain.controlplane.controller.framework.ExtensionKinds;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.controlplane.controller.namespace.DeletionConditions.Remains;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads namespaces, and lists every kind in one that is to go, those of other API servers
/// included. Deletes all of its content, writes its status, and takes the finalizer `kubernetes`
/// from its `spec.finalizers` once nothing is left. While a server does not answer, nobody can say
/// that nothing is.
public final class NamespaceController implements Controller {

  private static final String FINALIZER = "kubernetes";
  private static final int PAGE = 500;
  private static final int WORKERS = 2;

  private final Informer<Namespace> namespaces;
  private final ApiClient client;
  private final Resources<Namespace> resources;
  private final CustomTypes custom;
  private final ExtensionKinds extensions;
  private final Clock clock;
  private final Work work;

  public NamespaceController(ControllerContext context, ExtensionKinds extensions) {
    this.extensions = extensions;
    this.namespaces = context.informers().informer(Namespace.class);
    this.client = context.client();
    this.resources = context.client().resources(Namespace.class);
    this.custom = new CustomTypes(context.informers());
    this.clock = context.clock();
    this.work =
        new Work(
            "namespace",
            WORKERS,
            context,
            this::reconcile,
            () -> namespaces.list().stream().map(ObjectMetas::key).toList());
    namespaces.addHandler(
        new Handler<>() {
          @Override
          public void added(Namespace namespace) {
            work.enqueue(namespace);
          }

          @Override
          public void updated(Namespace before, Namespace after) {
            // Its own status writes must not wake it: what is left is looked at by time.
            boolean marked =
                !before.getMetadata().hasDeletionTimestamp()
                    && after.getMetadata().hasDeletionTimestamp();
            if (marked || !before.getSpec().equals(after.getSpec())) {
              work.enqueue(after);
            }
          }
        });
  }

  @Override
  public Work work() {
    return work;
  }

  private Result reconcile(ObjectKey key) {
    Optional<Namespace> known = namespaces.find(key);
    if (known.isEmpty() || !known.get().getMetadata().hasDeletionTimestamp()) {
      return Result.done();
    }
    Optional<Namespace> fresh = resources.find("", key.name());
    if (fresh.isEmpty() || !fresh.get().getSpec().getFinalizersList().contains(FINALIZER)) {
      return Result.done();
    }
    Remains remains = empty(key.name());
    if (remains.isEmpty()) {
      finish(fresh.get());
      return Result.done();
    }
    NamespaceStatus status = DeletionConditions.status(fresh.get(), remains, clock.instant());
    if (!status.equals(fresh.get().getStatus())) {
      Namespace ignored = resources.updateStatus(fresh.get().toBuilder().setStatus(status).build());
    }
    return Result.after(age(fresh.get()));
  }

  // Often at first, rarely for one that waits for hours.
  private Duration age(Namespace namespace) {
    long seconds =
        clock.instant().getEpochSecond()
            - namespace.getMetadata().getDeletionTimestamp().getSeconds();
    return Duration.ofMillis(Math.clamp(seconds * 100, 250, 15_000));
  }

  private Remains empty(String namespace) {
    Map<String, Integer> remaining = new HashMap<>();
    Map<String, Integer> finalizers = new HashMap<>();
    List<String> failures = new ArrayList<>();
    List<ResourceType<CustomObject>> others = new ArrayList<>(custom.all());
    extensions.answering().forEach(kind -> others.add(kind.type()));
    for (ResourceType<? extends Message> type : ContentOrder.kinds(others)) {
      boolean pods = remaining.containsKey("pods") || !failures.isEmpty();
      if (pods && ContentOrder.followsPods(type)) {
        break;
      }
      try {
        List<ObjectMeta> left = emptyKind(client.resources(type), namespace);
        if (!left.isEmpty()) {
          remaining.put(type.qualifiedPlural(), left.size());
        }
        left.forEach(
            meta -> meta.getFinalizersList().forEach(f -> finalizers.merge(f, 1, Integer::sum)));
      } catch (ApiException e) {
        if (!isNotServed(e)) {
          failures.add(type.qualifiedPlural() + ": " + e.getMessage());
        }
      }
    }
    return new Remains(remaining, finalizers, failures, extensions.silent());
  }

  // What is left after everything was asked to go.
  private static <T extends Message> List<ObjectMeta> emptyKind(
      Resources<T> kind, String namespace) {
    List<ObjectMeta> there = all(kind, namespace);
    if (there.isEmpty()) {
      return List.of();
    }
    for (ObjectMeta meta : there) {
      if (!meta.hasDeletionTimestamp()) {
        Meanwhile.gone(() -> {
          kind.delete(
              namespace,
              meta.getName(),
              DeletePolicy.DEFAULT.propagating(DeletePolicy.Propagation.BACKGROUND));
        });
      }
    }
    return all(kind, namespace);
  }

  private static <T extends Message> List<ObjectMeta> all(Resources<T> kind, String namespace) {
    List<ObjectMeta> all = new ArrayList<>();
    String token = "";
    do {
      ObjectList<T> page = kind.list(ListOptions.in(namespace).page(PAGE, token));
      page.items().forEach(item -> all.add(ObjectMetas.read(item)));
      token = page.continueToken();
    } while (!token.isEmpty());
    return all;
  }

  private static boolean isNotServed(ApiException e) {
    return e.isNotFound()
        || e.error() instanceof ApiError.MethodNotAllowed
        || e.error() instanceof ApiError.NotImplemented;
  }

  private void finish(Namespace namespace) {
    Namespace.Builder finished = namespace.toBuilder();
    List<String> left =
        namespace.getSpec().getFinalizersList().stream()
            .filter(finalizer -> !finalizer.equals(FINALIZER))
            .toList();
    finished.getSpecBuilder().clearFinalizers().addAllFinalizers(left);
    Meanwhile.gone(() -> {
      Message ignored =
          resources.createSubresource(
              "", namespace.getMetadata().getName(), "finalize", finished.build());
    });
  }
}
