package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// All plug-ins in their order, which is Kubernetes'. A kind that none has to do with costs one
/// look into a map.
public final class PluginChain {

  /// Lets everything through.
  public static final PluginChain NONE = new PluginChain(List.of());

  private final Map<String, List<AdmissionPlugin>> byKind = new HashMap<>();

  PluginChain(List<AdmissionPlugin> plugins) {
    for (AdmissionPlugin plugin : plugins) {
      for (String kind : plugin.kinds()) {
        byKind.computeIfAbsent(kind, _ -> new ArrayList<>()).add(plugin);
      }
    }
  }

  /// What a cluster runs with.
  ///
  /// @param random for names of volumes
  public static PluginChain standard(RandomGenerator random) {
    return new PluginChain(List.of(new ServiceAccounts(random)));
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

  private List<AdmissionPlugin> of(AdmissionRequest request) {
    return byKind.getOrDefault(request.type().qualifiedPlural(), List.of());
  }
}
