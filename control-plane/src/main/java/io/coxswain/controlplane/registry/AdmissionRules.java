package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.Decoded;
import io.coxswain.client.codec.Strictness;
import io.coxswain.controlplane.admission.Configurations;
import io.coxswain.controlplane.admission.Defaults;
import io.coxswain.controlplane.admission.Patches;
import io.coxswain.controlplane.admission.Validation;
import io.coxswain.controlplane.admission.dynamic.DynamicAdmission;
import io.coxswain.controlplane.admission.dynamic.Surroundings;
import io.coxswain.controlplane.admission.plugin.PluginChain;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The rules that clusters run with: those of the schema, and what each kind adds.
public final class AdmissionRules implements Rules {

  private final PluginChain plugins;
  private final Function<Surroundings, Optional<DynamicAdmission>> dynamic;

  /// Without webhooks and policies.
  public AdmissionRules(PluginChain plugins) {
    this.plugins = plugins;
    this.dynamic = _ -> Optional.empty();
  }

  /// @param dynamic the webhooks and policies of a registry, which tells them its surroundings
  public AdmissionRules(PluginChain plugins, Function<Surroundings, DynamicAdmission> dynamic) {
    this.plugins = plugins;
    this.dynamic = surroundings -> Optional.of(dynamic.apply(surroundings));
  }

  @Override
  public Optional<DynamicAdmission> dynamic(Surroundings surroundings) {
    return dynamic.apply(surroundings);
  }

  @Override
  public PluginChain plugins() {
    return plugins;
  }

  @Override
  public Message defaulted(Message object) {
    return Defaults.apply(object);
  }

  @Override
  public List<ApiError.Cause> onCreate(Message object) {
    return Validation.onCreate(object);
  }

  @Override
  public List<ApiError.Cause> onUpdate(Message before, Message after) {
    return Validation.onUpdate(before, after);
  }

  @Override
  public List<ApiError.Cause> onStatusUpdate(String part, Message before, Message after) {
    return Validation.onStatusUpdate(part, before, after);
  }

  @Override
  public List<ApiError.Cause> onPartUpdate(String part, Message before, Message after) {
    return Validation.onPartUpdate(part, before, after);
  }

  @Override
  public List<String> warnings(Message object) {
    return Validation.warnings(object);
  }

  @Override
  public Patched patched(Message current, Patch patch, WriteOptions options) {
    Decoded<Message> decoded = Patches.apply(current, patch, strictness(options.fieldValidation()));
    return new Patched(decoded.message(), decoded.warnings());
  }

  @Override
  public Configuration configuration(Message prototype, Patch patch, WriteOptions options) {
    Configurations.Configured read =
        Configurations.read(prototype, patch.json(), strictness(options.fieldValidation()));
    return new Configuration(read.object(), read.json(), read.warnings());
  }

  static Strictness strictness(WriteOptions.FieldValidation validation) {
    return switch (validation) {
      case IGNORE -> Strictness.IGNORE;
      case WARN -> Strictness.WARN;
      case STRICT -> Strictness.STRICT;
    };
  }
}
