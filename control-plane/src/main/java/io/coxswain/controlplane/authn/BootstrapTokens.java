package io.coxswain.controlplane.authn;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.Secret;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tokens with which new nodes introduce themselves: Secrets `bootstrap-token-ID` in `kube-system`,
/// of type `bootstrap.kubernetes.io/token`, shown as `ID.SECRET`.
public final class BootstrapTokens {

  public static final String TYPE = "bootstrap.kubernetes.io/token";
  public static final String NAMESPACE = "kube-system";

  private static final Pattern TOKEN = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");
  private static final Pattern GROUP =
      Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");

  private final TokenSubjects subjects;
  private final InstantSource clock;

  public BootstrapTokens(TokenSubjects subjects, InstantSource clock) {
    this.subjects = subjects;
    this.clock = clock;
  }

  /// Who shows this token; nobody when it is none, or not good for signing in.
  public Optional<User> authenticate(String token) {
    Matcher parts = TOKEN.matcher(token);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String id = parts.group(1);
    return subjects
        .bound("Secret", NAMESPACE, "bootstrap-token-" + id)
        .filter(Secret.class::isInstance)
        .map(Secret.class::cast)
        .filter(secret -> isGood(secret, id, parts.group(2)))
        .flatMap(secret -> user(secret, id));
  }

  private boolean isGood(Secret secret, String id, String shown) {
    byte[] kept = secret.getDataOrDefault("token-secret", ByteString.EMPTY).toByteArray();
    return secret.getType().equals(TYPE)
        && !secret.getMetadata().hasDeletionTimestamp()
        && text(secret, "token-id").equals(id)
        && MessageDigest.isEqual(kept, shown.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        && text(secret, "usage-bootstrap-authentication").equals("true")
        && clock.instant().isBefore(end(secret));
  }

  /// When the token ends: never, if nothing says so; long ago, if what it says cannot be read.
  public static Instant end(Secret secret) {
    String text = text(secret, "expiration");
    if (text.isEmpty()) {
      return Instant.MAX;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException _) {
      return Instant.MIN;
    }
  }

  /// A group that is none of the bootstrappers' makes the token worth nothing.
  private static Optional<User> user(Secret secret, String id) {
    List<String> groups = new ArrayList<>(List.of("system:bootstrappers"));
    for (String group : text(secret, "auth-extra-groups").split(",", -1)) {
      if (group.isEmpty()) {
        continue;
      }
      if (!GROUP.matcher(group).matches()) {
        return Optional.empty();
      }
      groups.add(group);
    }
    return Optional.of(User.of("system:bootstrap:" + id, groups));
  }

  private static String text(Secret secret, String key) {
    return secret.getDataOrDefault(key, ByteString.EMPTY).toStringUtf8();
  }
}
