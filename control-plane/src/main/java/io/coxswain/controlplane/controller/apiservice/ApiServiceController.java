package io.coxswain.controlplane.controller.apiservice;

import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.controlplane.customresource.DefinitionStatus;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Keeps an APIService for each version of each group that is served here, and says of all whether
/// they are available. Reads CustomResourceDefinitions; reads and writes APIServices.
public final class ApiServiceController implements Controller {

  private static final Map<String, ServedVersion> BUILT_IN = builtIn();

  private final Informer<APIService> services;
  private final Informer<CustomResourceDefinition> definitions;
  private final Resources<APIService> resources;
  private final Clock clock;
  private final Work work;

  public ApiServiceController(ControllerContext context) {
    this.services = context.informers().informer(APIService.class);
    this.definitions = context.informers().informer(CustomResourceDefinition.class);
    this.resources = context.client().resources(APIService.class);
    this.clock = context.clock();
    this.work = new Work("api-service", 1, context, this::reconcile, this::everything);
    services.addHandler(Handler.each(work::enqueue));
    // which versions a group has is said by all of its definitions together
    definitions.addHandler(Handler.each(_ -> everything().forEach(work::enqueue)));
  }

  @Override
  public Work work() {
    return work;
  }

  private List<ObjectKey> everything() {
    List<ObjectKey> keys = new ArrayList<>();
    served(definitions.list()).keySet().forEach(name -> keys.add(new ObjectKey("", name)));
    services.list().forEach(service -> keys.add(ObjectMetas.key(service)));
    return keys;
  }

  /// By name.
  static Map<String, ServedVersion> served(Collection<CustomResourceDefinition> definitions) {
    Map<String, ServedVersion> served = new LinkedHashMap<>(BUILT_IN);
    for (CustomResourceDefinition definition : definitions) {
      if (DefinitionStatus.isTrue(definition, DefinitionStatus.ESTABLISHED)) {
        for (CustomResourceDefinitionVersion version : definition.getSpec().getVersionsList()) {
          if (version.getServed()) {
            String group = definition.getSpec().getGroup();
            add(served, new ServedVersion(group, version.getName(), true));
          }
        }
      }
    }
    return served;
  }

  private static Map<String, ServedVersion> builtIn() {
    Map<String, ServedVersion> served = new LinkedHashMap<>();
    for (ResourceType<?> type : Schema.api().types()) {
      add(served, new ServedVersion(type.group(), type.version(), false));
    }
    return served;
  }

  private static void add(Map<String, ServedVersion> served, ServedVersion version) {
    served.putIfAbsent(version.name(), version);
  }

  private Result reconcile(ObjectKey key) {
    Optional<APIService> found = services.find(key);
    Optional<ServedVersion> served =
        Optional.ofNullable(served(definitions.list()).get(key.name()));
    try {
      if (found.isEmpty()) {
        if (served.isPresent()) {
          APIService _ = resources.create(served.get().object());
        }
        return Result.done();
      }
      APIService service = found.get();
      if (served.isEmpty() && isOurs(service)) {
        resources.delete(
            "", key.name(), DeletePolicy.DEFAULT.onlyUid(service.getMetadata().getUid()));
        return Result.done();
      }
      Optional<APIService> corrected = Availability.corrected(service, clock.instant());
      if (corrected.isPresent()) {
        APIService _ = resources.updateStatus(corrected.get());
      }
    } catch (ApiException e) {
      if (!e.isAlreadyExists() && !e.isNotFound()) {
        throw e;
      }
    }
    return Result.done();
  }

  private static boolean isOurs(APIService service) {
    return service.getMetadata().containsLabels(ServedVersion.LABEL)
        && !service.getSpec().hasService();
  }
}
