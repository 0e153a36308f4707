package io.coxswain.node.volume;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.ConfigMapProjection;
import io.coxswain.api.core.v1.ConfigMapVolumeSource;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.DownwardAPIVolumeFile;
import io.coxswain.api.core.v1.KeyToPath;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ProjectedVolumeSource;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.SecretProjection;
import io.coxswain.api.core.v1.SecretVolumeSource;
import io.coxswain.api.core.v1.ServiceAccountTokenProjection;
import io.coxswain.api.core.v1.VolumeProjection;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.node.podsource.ConfigObjects;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The files of ConfigMap, Secret, downward API and projected volumes, as the API's objects say
/// them now.
final class VolumeFiles {

  private static final int DEFAULT_MODE = 0644;

  private final ConfigObjects objects;
  private final PodTokens tokens;
  private final NodeCapacity node;

  VolumeFiles(ConfigObjects objects, PodTokens tokens, NodeCapacity node) {
    this.objects = objects;
    this.tokens = tokens;
    this.node = node;
  }

  /// By path below the volume.
  ///
  /// @throws VolumeException naming the object or key that is not there
  Map<String, FileContent> of(Pod pod, VolumeSource source) throws VolumeException {
    if (source.hasConfigMap()) {
      return configMap(pod, source.getConfigMap());
    }
    if (source.hasSecret()) {
      return secret(pod, source.getSecret());
    }
    if (source.hasDownwardAPI()) {
      int mode =
          mode(source.getDownwardAPI().hasDefaultMode(), source.getDownwardAPI().getDefaultMode());
      return downward(pod, source.getDownwardAPI().getItemsList(), mode);
    }
    return projected(pod, source.getProjected());
  }

  private Map<String, FileContent> configMap(Pod pod, ConfigMapVolumeSource source)
      throws VolumeException {
    return configMap(
        pod,
        source.getLocalObjectReference().getName(),
        source.getOptional(),
        source.getItemsList(),
        mode(source.hasDefaultMode(), source.getDefaultMode()));
  }

  private Map<String, FileContent> configMap(
      Pod pod, String name, boolean optional, List<KeyToPath> items, int mode)
      throws VolumeException {
    Optional<ConfigMap> map = objects.configMap(pod.getMetadata().getNamespace(), name);
    if (map.isEmpty()) {
      return absent("configmap", name, optional);
    }
    Map<String, ByteString> data = new TreeMap<>(map.get().getBinaryDataMap());
    map.get().getDataMap().forEach((key, text) -> data.put(key, ByteString.copyFromUtf8(text)));
    return chosen("configmap", name, data, items, optional, mode);
  }

  private Map<String, FileContent> secret(Pod pod, SecretVolumeSource source)
      throws VolumeException {
    return secret(
        pod,
        source.getSecretName(),
        source.getOptional(),
        source.getItemsList(),
        mode(source.hasDefaultMode(), source.getDefaultMode()));
  }

  private Map<String, FileContent> secret(
      Pod pod, String name, boolean optional, List<KeyToPath> items, int mode)
      throws VolumeException {
    Optional<Secret> secret = objects.secret(pod.getMetadata().getNamespace(), name);
    if (secret.isEmpty()) {
      return absent("secret", name, optional);
    }
    return chosen("secret", name, secret.get().getDataMap(), items, optional, mode);
  }

  private static Map<String, FileContent> absent(String kind, String name, boolean optional)
      throws VolumeException {
    if (!optional) {
      throw new VolumeException("%s \"%s\" not found".formatted(kind, name));
    }
    return Map.of();
  }

  private static Map<String, FileContent> chosen(
      String kind,
      String name,
      Map<String, ByteString> data,
      List<KeyToPath> items,
      boolean optional,
      int mode)
      throws VolumeException {
    Map<String, FileContent> files = new TreeMap<>();
    if (items.isEmpty()) {
      data.forEach((key, bytes) -> files.put(key, new FileContent(bytes, mode)));
      return files;
    }
    for (KeyToPath item : items) {
      ByteString bytes = data.get(item.getKey());
      if (bytes != null) {
        files.put(item.getPath(), new FileContent(bytes, item.hasMode() ? item.getMode() : mode));
      } else if (!optional) {
        throw new VolumeException(
            "%s \"%s\" has no key \"%s\"".formatted(kind, name, item.getKey()));
      }
    }
    return files;
  }

  private Map<String, FileContent> downward(Pod pod, List<DownwardAPIVolumeFile> items, int mode)
      throws VolumeException {
    Map<String, FileContent> files = new TreeMap<>();
    for (DownwardAPIVolumeFile item : items) {
      String value = DownwardFields.value(pod, item, node);
      files.put(
          item.getPath(),
          new FileContent(ByteString.copyFromUtf8(value), item.hasMode() ? item.getMode() : mode));
    }
    return files;
  }

  private Map<String, FileContent> projected(Pod pod, ProjectedVolumeSource source)
      throws VolumeException {
    int mode = mode(source.hasDefaultMode(), source.getDefaultMode());
    Map<String, FileContent> files = new TreeMap<>();
    for (VolumeProjection projection : source.getSourcesList()) {
      if (projection.hasConfigMap()) {
        ConfigMapProjection map = projection.getConfigMap();
        String name = map.getLocalObjectReference().getName();
        files.putAll(configMap(pod, name, map.getOptional(), map.getItemsList(), mode));
      } else if (projection.hasSecret()) {
        SecretProjection secret = projection.getSecret();
        String name = secret.getLocalObjectReference().getName();
        files.putAll(secret(pod, name, secret.getOptional(), secret.getItemsList(), mode));
      } else if (projection.hasDownwardAPI()) {
        files.putAll(downward(pod, projection.getDownwardAPI().getItemsList(), mode));
      } else if (projection.hasServiceAccountToken()) {
        ServiceAccountTokenProjection token = projection.getServiceAccountToken();
        files.put(token.getPath(), token(pod, token, mode));
      } else {
        throw new VolumeException(unsupported(projection) + " are not supported yet");
      }
    }
    return files;
  }

  /// A token is for the pod's one user alone, if it has one, or for the pod's group.
  private FileContent token(Pod pod, ServiceAccountTokenProjection wanted, int mode) {
    ByteString token = ByteString.copyFromUtf8(tokens.token(pod, wanted));
    OptionalInt user = onlyUser(pod.getSpec());
    boolean confined = user.isPresent() || pod.getSpec().getSecurityContext().hasFsGroup();
    return new FileContent(token, confined ? 0600 : mode, user.orElse(0));
  }

  /// The user whom all containers name; nothing when one names none, or they differ.
  private static OptionalInt onlyUser(PodSpec spec) {
    long found = -1;
    for (Container container :
        Stream.concat(spec.getInitContainersList().stream(), spec.getContainersList().stream())
            .toList()) {
      boolean own = container.getSecurityContext().hasRunAsUser();
      if (!own && !spec.getSecurityContext().hasRunAsUser()) {
        return OptionalInt.empty();
      }
      long user =
          own
              ? container.getSecurityContext().getRunAsUser()
              : spec.getSecurityContext().getRunAsUser();
      if (found >= 0 && found != user) {
        return OptionalInt.empty();
      }
      found = user;
    }
    return found < 0 ? OptionalInt.empty() : OptionalInt.of((int) found);
  }

  private static String unsupported(VolumeProjection projection) {
    return projection.hasClusterTrustBundle()
        ? "projected cluster trust bundles"
        : "projected volume sources of this kind";
  }

  private static int mode(boolean said, int mode) {
    return said ? mode : DEFAULT_MODE;
  }
}
