package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// All plug-ins in their order, which is Kubernetes'. A kind that none has to do with costs one
/// look into a map.
public final class PluginChain {

  /// Lets everything through.
  public static final PluginChain NONE = new PluginChain(List.of(), Optional.empty());

  private final Map<String, List<AdmissionPlugin>> byKind = new HashMap<>();
  private final Optional<ResourceQuotas> quotas;

  PluginChain(List<AdmissionPlugin> plugins, Optional<ResourceQuotas> quotas) {
    this.quotas = quotas;
    for (AdmissionPlugin plugin : plugins) {
      for (String kind : plugin.kinds()) {
        byKind.computeIfAbsent(kind, _ -> new ArrayList<>()).add(plugin);
      }
    }
  }

  /// What a cluster runs with.
  ///
  /// @param random for names of volumes
  public static PluginChain standard(RandomGenerator random, InstantSource clock) {
    return new PluginChain(
        List.of(
            new LimitRanges(),
            new ServiceAccounts(random),
            new PodSecurity(),
            new Priorities(),
            new DefaultStorageClass(),
            new StorageInUse(),
            new ClaimResizes(),
            new RuntimeClasses(),
            new PodResizes(),
            new DeviceAdmins(),
            new CertificateSubjects()),
        Optional.of(new ResourceQuotas(clock)));
  }

  /// The object as it is to be validated; the same one when nothing was added.
  ///
  /// @throws io.coxswain.client.ApiException when the write is refused
  public Message mutate(AdmissionRequest request, StoredObjects objects) {
    AdmissionRequest current = request;
    for (AdmissionPlugin plugin : of(request)) {
      current = current.with(plugin.mutate(current, objects));
    }
    return current.object();
  }

  /// @throws io.coxswain.client.ApiException when the write is refused
  public void validate(AdmissionRequest request, StoredObjects objects) {
    for (AdmissionPlugin plugin : of(request)) {
      plugin.validate(request, objects);
    }
  }

  /// @throws io.coxswain.client.ApiException when the write of a status is refused
  public void validateStatus(AdmissionRequest request, StoredObjects objects) {
    for (AdmissionPlugin plugin : of(request)) {
      plugin.validateStatus(request, objects);
    }
  }

  /// What the writer should know though nothing was refused.
  public List<String> warnings(AdmissionRequest request, StoredObjects objects) {
    List<AdmissionPlugin> plugins = of(request);
    if (plugins.isEmpty()) {
      return List.of();
    }
    List<String> warnings = new ArrayList<>();
    for (AdmissionPlugin plugin : plugins) {
      warnings.addAll(plugin.warnings(request, objects));
    }
    return warnings;
  }

  /// Comes last, when nothing else can refuse the write: takes what it needs from the quotas of its
  /// namespace. Blocks while the store writes, if there are any.
  ///
  /// @throws io.coxswain.client.ApiException when the write is refused
  public Charge charge(AdmissionRequest request, StoredObjects objects) {
    return quotas.isEmpty() ? Charge.NOTHING : quotas.get().charge(request, objects);
  }

  private List<AdmissionPlugin> of(AdmissionRequest request) {
    return byKind.getOrDefault(request.type().qualifiedPlural(), List.of());
  }
}
