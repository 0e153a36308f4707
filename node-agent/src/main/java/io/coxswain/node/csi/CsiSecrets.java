package io.coxswain.node.csi;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.SecretReference;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.TokenRequest;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.podsource.ConfigObjects;
import io.coxswain.node.podsource.TokenSource;
import io.coxswain.node.volume.VolumeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// What drivers are given to sign in with: Secrets that a volume names, and tokens of the pod's
/// service account.
public final class CsiSecrets {

  private static final Duration LIFE = Duration.ofHours(1);
  private static final String TOKENS = "csi.storage.k8s.io/serviceAccount.tokens";

  private final ConfigObjects objects;
  private final TokenSource tokens;

  public CsiSecrets(ConfigObjects objects, TokenSource tokens) {
    this.objects = objects;
    this.tokens = tokens;
  }

  /// Of a Secret.
  record Name(String namespace, String name) {
    static Name of(SecretReference reference) {
      return new Name(reference.getNamespace(), reference.getName());
    }
  }

  /// @param field of the volume that names it
  Map<String, String> read(Name name, String field) throws VolumeException {
    Secret secret =
        objects
            .secret(name.namespace, name.name)
            .orElseThrow(() ->
                new VolumeException(
                    "fetching %s %s/%s failed: secrets \"%s\" not found"
                        .formatted(field, name.namespace, name.name, name.name)));
    Map<String, String> content = new TreeMap<>();
    secret.getDataMap().forEach((key, value) -> content.put(key, value.toStringUtf8()));
    return content;
  }

  /// New tokens by audience, as JSON; nothing when the driver wants none.
  Map<String, String> tokens(Pod pod, CSIDriver driver) {
    if (driver.getSpec().getTokenRequestsCount() == 0) {
      return Map.of();
    }
    Map<String, Object> byAudience = new LinkedHashMap<>();
    for (TokenRequest wanted : driver.getSpec().getTokenRequestsList()) {
      Duration life =
          wanted.hasExpirationSeconds() ? Duration.ofSeconds(wanted.getExpirationSeconds()) : LIFE;
      TokenSource.Issued issued = tokens.issue(pod, wanted.getAudience(), life);
      byAudience.put(
          wanted.getAudience(),
          Map.of("token", issued.token(), "expirationTimestamp", issued.ends().toString()));
    }
    return Map.of(TOKENS, JsonTrees.text(byAudience));
  }
}
