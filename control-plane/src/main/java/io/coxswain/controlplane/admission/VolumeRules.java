package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.DownwardAPIVolumeFile;
import io.coxswain.api.core.v1.KeyToPath;
import io.coxswain.api.core.v1.ProjectedVolumeSource;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeProjection;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.client.codec.Quantities;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What holds for a pod's volumes.
final class VolumeRules {

  private static final List<FieldSchema> SOURCES =
      MessageSchema.of(VolumeSource.getDescriptor()).fields();
  private static final List<FieldSchema> PROJECTIONS =
      MessageSchema.of(VolumeProjection.getDescriptor()).fields();

  private VolumeRules() {}

  /// @return the names that containers may mount
  static Set<String> check(List<Volume> volumes, String path, Problems problems) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < volumes.size(); i++) {
      Volume volume = volumes.get(i);
      String at = path + "[" + i + "]";
      String name = volume.getName();
      if (name.isEmpty()) {
        problems.required(at + ".name");
      } else {
        Names.label(name).ifPresent(detail -> problems.invalid(at + ".name", name, detail));
        if (!names.add(name)) {
          problems.duplicate(at + ".name", name);
        }
      }
      source(volume.getVolumeSource(), at, problems);
    }
    return names;
  }

  private static long given(List<FieldSchema> kinds, Message source) {
    return kinds.stream().filter(kind -> kind.access().has(source)).count();
  }

  private static void source(VolumeSource source, String at, Problems problems) {
    long kinds = given(SOURCES, source);
    if (kinds == 0) {
      problems.required(at, "must specify a volume type");
    } else if (kinds > 1) {
      problems.forbidden(at, "may not specify more than 1 volume type");
    }
    if (source.hasHostPath()) {
      noBackSteps(source.getHostPath().getPath(), at + ".hostPath.path", problems);
    }
    if (source.hasEmptyDir() && source.getEmptyDir().hasSizeLimit()) {
      notNegative(source, at, problems);
    }
    if (source.hasSecret()) {
      if (source.getSecret().getSecretName().isEmpty()) {
        problems.required(at + ".secret.secretName");
      }
      items(source.getSecret().getItemsList(), at + ".secret.items", problems);
    }
    if (source.hasConfigMap()) {
      if (source.getConfigMap().getLocalObjectReference().getName().isEmpty()) {
        problems.required(at + ".configMap.name");
      }
      items(source.getConfigMap().getItemsList(), at + ".configMap.items", problems);
    }
    if (source.hasDownwardAPI()) {
      files(source.getDownwardAPI().getItemsList(), at + ".downwardAPI.items", problems);
    }
    // a template may leave it to whoever completes its pods
    boolean ofPod = at.startsWith("spec.volumes[");
    if (source.hasImage() && source.getImage().getReference().isEmpty() && ofPod) {
      problems.required(at + ".image.reference");
    }
    if (source.hasProjected()) {
      projected(source.getProjected(), at + ".projected", problems);
    }
    if (source.hasNfs() && !source.getNfs().getPath().startsWith("/")) {
      problems.invalid(at + ".nfs.path", source.getNfs().getPath(), "must be an absolute path");
    }
    if (source.hasEphemeral() && !source.getEphemeral().hasVolumeClaimTemplate()) {
      problems.required(at + ".ephemeral.volumeClaimTemplate");
    } else if (source.hasEphemeral()) {
      StorageRules.claim(
          source.getEphemeral().getVolumeClaimTemplate().getSpec(),
          at + ".ephemeral.volumeClaimTemplate.spec",
          problems);
    }
  }

  private static void notNegative(VolumeSource source, String at, Problems problems) {
    var limit = source.getEmptyDir().getSizeLimit();
    try {
      if (Quantities.value(limit).signum() < 0) {
        problems.forbidden(
            at + ".emptyDir.sizeLimit", "SizeLimit field must be a valid resource quantity");
      }
    } catch (IllegalArgumentException e) {
      // the schema's rules report what is no quantity
    }
  }

  private static void projected(ProjectedVolumeSource volume, String at, Problems problems) {
    for (int i = 0; i < volume.getSourcesCount(); i++) {
      VolumeProjection source = volume.getSources(i);
      String where = at + ".sources[" + i + "]";
      long kinds = given(PROJECTIONS, source);
      if (kinds == 0) {
        problems.required(where, "must specify a projection type");
      } else if (kinds > 1) {
        problems.forbidden(where, "may not specify more than 1 volume type per source");
      }
      items(source.getSecret().getItemsList(), where + ".secret.items", problems);
      items(source.getConfigMap().getItemsList(), where + ".configMap.items", problems);
      files(source.getDownwardAPI().getItemsList(), where + ".downwardAPI.items", problems);
      if (source.hasSecret() && source.getSecret().getLocalObjectReference().getName().isEmpty()) {
        problems.required(where + ".secret.name");
      }
      if (source.hasConfigMap()
          && source.getConfigMap().getLocalObjectReference().getName().isEmpty()) {
        problems.required(where + ".configMap.name");
      }
    }
  }

  private static void items(List<KeyToPath> items, String path, Problems problems) {
    for (int i = 0; i < items.size(); i++) {
      String at = path + "[" + i + "]";
      relative(items.get(i).getPath(), at + ".path", problems);
    }
  }

  private static void files(List<DownwardAPIVolumeFile> files, String path, Problems problems) {
    for (int i = 0; i < files.size(); i++) {
      DownwardAPIVolumeFile file = files.get(i);
      String at = path + "[" + i + "]";
      relative(file.getPath(), at + ".path", problems);
      if (file.hasFieldRef() == file.hasResourceFieldRef()) {
        if (file.hasFieldRef()) {
          problems.invalid(
              at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
        } else {
          problems.required(at, "one of fieldRef and resourceFieldRef is required");
        }
      }
    }
  }

  /// A path that stays below where it begins.
  static void relative(String text, String at, Problems problems) {
    if (text.startsWith("/")) {
      problems.invalid(at, text, "must be a relative path");
    }
    noBackSteps(text, at, problems);
  }

  private static void noBackSteps(String text, String at, Problems problems) {
    if (Arrays.asList(text.split("/", -1)).contains("..")) {
      problems.invalid(at, text, "must not contain '..'");
    }
  }
}
