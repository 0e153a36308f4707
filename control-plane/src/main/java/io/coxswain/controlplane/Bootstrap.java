package io.coxswain.controlplane;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.EndpointAddress;
import io.coxswain.api.core.v1.EndpointPort;
import io.coxswain.api.core.v1.EndpointSubset;
import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.core.v1.ServicePort;
import io.coxswain.api.core.v1.ServiceSpec;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointConditions;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.api.rbac.v1.Role;
import io.coxswain.api.scheduling.v1.PriorityClass;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.lifecycle.Together;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.VolumeMarks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The objects that every cluster has: its namespaces, and the Service under which pods reach the
/// API. Safe to run again, also by several servers at once.
final class Bootstrap {

  private static final List<String> NAMESPACES =
      List.of("default", "kube-system", "kube-public", "kube-node-lease");

  private static final String NAME = "kubernetes";
  private static final String SYSTEM = "kube-system";
  private static final String AUTHENTICATION = "extension-apiserver-authentication";
  private static final String SLICE_SERVICE = "kubernetes.io/service-name";

  private final ApiClient client;
  private final String serviceAddress;
  private final List<String> serverAddresses;
  private final int port;
  private final Map<String, String> authentication;

  /// @param serviceAddress cluster IP of the API's Service
  /// @param serverAddresses IPv4 addresses of the servers
  /// @param authentication what servers that extend the API read to know who comes
  Bootstrap(
      ApiClient client,
      String serviceAddress,
      List<String> serverAddresses,
      int port,
      Map<String, String> authentication) {
    this.authentication = authentication;
    this.client = client;
    this.serviceAddress = serviceAddress;
    this.serverAddresses = serverAddresses;
    this.port = port;
  }

  void run() throws InterruptedException {
    Together.run(
        NAMESPACES.stream().map(name -> (Together.Step) () -> ensure(namespace(name))).toList());
    List<Together.Step> steps = new ArrayList<>();
    steps.add(() ->
        ensure(
            priority(
                "system-cluster-critical",
                2_000_000_000,
                "For pods without which the cluster does not work, and which may be on any node.")));
    steps.add(() ->
        ensure(
            priority(
                "system-node-critical",
                2_000_001_000,
                "For pods without which their node does not work, and which cannot be elsewhere.")));
    steps.add(this::ensureStandardClass);
    steps.add(() -> replace(authentication()));
    steps.add(() -> ensure(authenticationReader()));
    steps.add(() -> ensure(service()));
    if (!serverAddresses.isEmpty()) {
      steps.add(() -> replace(endpoints()));
      steps.add(() -> replace(slice()));
    }
    Together.run(steps);
  }

  private static Namespace namespace(String name) {
    return Namespace.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder().setName(name).putLabels("kubernetes.io/metadata.name", name))
        .build();
  }

  /// Claims that name no class get volumes out of the box, unless somebody said from where.
  private void ensureStandardClass() {
    List<StorageClass> classes = client.resources(StorageClass.class).list(ListOptions.ALL).items();
    if (Claims.standard(classes).isEmpty()) {
      ensure(
          StorageClass.newBuilder()
              .setMetadata(
                  ObjectMeta.newBuilder()
                      .setName("local-path")
                      .putAnnotations("storageclass.kubernetes.io/is-default-class", "true"))
              .setProvisioner(VolumeMarks.LOCAL_PROVISIONER)
              .setReclaimPolicy("Delete")
              .setVolumeBindingMode("WaitForFirstConsumer")
              .setAllowVolumeExpansion(true)
              .build());
    }
  }

  private ConfigMap authentication() {
    return ConfigMap.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setNamespace(SYSTEM).setName(AUTHENTICATION))
        .putAllData(authentication)
        .build();
  }

  private static Role authenticationReader() {
    return Role.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setNamespace(SYSTEM)
                .setName(AUTHENTICATION + "-reader")
                .putLabels("kubernetes.io/bootstrapping", "rbac-defaults")
                .putAnnotations("rbac.authorization.kubernetes.io/autoupdate", "true"))
        .addRules(
            PolicyRule.newBuilder()
                .addVerbs("get")
                .addVerbs("list")
                .addVerbs("watch")
                .addApiGroups("")
                .addResources("configmaps")
                .addResourceNames(AUTHENTICATION))
        .build();
  }

  private static PriorityClass priority(String name, int value, String description) {
    return PriorityClass.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setName(name))
        .setValue(value)
        .setDescription(description)
        .build();
  }

  private static ObjectMeta.Builder metadata() {
    return ObjectMeta.newBuilder()
        .setNamespace("default")
        .setName(NAME)
        .putLabels("component", "apiserver")
        .putLabels("provider", NAME);
  }

  private Service service() {
    return Service.newBuilder()
        .setMetadata(metadata())
        .setSpec(
            ServiceSpec.newBuilder()
                .setType("ClusterIP")
                .setClusterIP(serviceAddress)
                .addClusterIPs(serviceAddress)
                .addPorts(
                    ServicePort.newBuilder()
                        .setName("https")
                        .setProtocol("TCP")
                        .setPort(443)
                        .setTargetPort(IntOrString.newBuilder().setIntVal(port))))
        .build();
  }

  private Endpoints endpoints() {
    EndpointSubset.Builder subset =
        EndpointSubset.newBuilder()
            .addPorts(EndpointPort.newBuilder().setName("https").setPort(port).setProtocol("TCP"));
    serverAddresses.forEach(
        address -> subset.addAddresses(EndpointAddress.newBuilder().setIp(address)));
    return Endpoints.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setNamespace("default")
                .setName(NAME)
                .putLabels("endpointslice.kubernetes.io/skip-mirror", "true"))
        .addSubsets(subset)
        .build();
  }

  private EndpointSlice slice() {
    EndpointSlice.Builder slice =
        EndpointSlice.newBuilder()
            .setMetadata(
                ObjectMeta.newBuilder()
                    .setNamespace("default")
                    .setName(NAME)
                    .putLabels(SLICE_SERVICE, NAME))
            .setAddressType("IPv4")
            .addPorts(
                io.coxswain.api.discovery.v1.EndpointPort.newBuilder()
                    .setName("https")
                    .setPort(port)
                    .setProtocol("TCP"));
    for (String address : serverAddresses) {
      slice.addEndpoints(
          Endpoint.newBuilder()
              .addAddresses(address)
              .setConditions(EndpointConditions.newBuilder().setReady(true)));
    }
    return slice.build();
  }

  @SuppressWarnings("unchecked") // an object's class is its kind's class
  private <T extends Message> Resources<T> resources(T object) {
    return client.resources((Class<T>) object.getClass());
  }

  private <T extends Message> void ensure(T object) {
    ObjectMeta meta = ObjectMetas.read(object);
    if (resources(object).find(meta.getNamespace(), meta.getName()).isPresent()) {
      return;
    }
    try {
      T _ = resources(object).create(object);
    } catch (ApiException e) {
      if (!e.isAlreadyExists()) {
        throw e;
      }
    }
  }

  /// The server's addresses may have changed since it last ran.
  private <T extends Message> void replace(T object) {
    ObjectMeta meta = ObjectMetas.read(object);
    Optional<T> existing = resources(object).find(meta.getNamespace(), meta.getName());
    if (existing.isEmpty()) {
      ensure(object);
      return;
    }
    ObjectMeta present = ObjectMetas.read(existing.get());
    T wanted =
        ObjectMetas.replace(object, present.toBuilder().putAllLabels(meta.getLabelsMap()).build());
    if (!wanted.equals(existing.get())) {
      T _ = resources(object).update(wanted);
    }
  }
}
