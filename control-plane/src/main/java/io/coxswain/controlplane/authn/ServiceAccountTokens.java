package io.coxswain.controlplane.authn;

import com.google.protobuf.Message;
import com.nimbusds.jwt.JWTClaimsSet;
import io.coxswain.api.authentication.v1.BoundObjectReference;
import io.coxswain.api.authentication.v1.TokenRequest;
import io.coxswain.api.authentication.v1.TokenRequestSpec;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiError.Cause;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import java.security.KeyPair;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Signs and checks the tokens of service accounts: JSON Web Tokens by ES256, bound to the account
/// and, when wanted, to a pod, secret or node (KEP-1205). They need no store: a token holds as long
/// as its time and its objects last.
public final class ServiceAccountTokens {

  private static final Duration SHORTEST = Duration.ofMinutes(10);
  private static final Duration LONGEST = Duration.ofSeconds(1L << 32);
  private static final Duration USUAL = Duration.ofHours(1);

  /// How long the token of a pod that is ending is still good.
  private static final Duration AFTERLIFE = Duration.ofSeconds(60);

  /// How far a clock may have been set back, or another server's be ahead, as in Kubernetes.
  private static final Duration LEEWAY = Duration.ofMinutes(1);

  private static final String CLAIM = "kubernetes.io";
  private static final String EXTRA = "authentication.kubernetes.io/";

  private final TokenSignatures signatures;
  private final String issuer;
  private final TokenSubjects subjects;
  private final InstantSource clock;

  /// @param keys P-256; whoever has the private key can be any service account
  /// @param issuer a URL, also the audience of tokens that name none
  public ServiceAccountTokens(
      KeyPair keys, String issuer, TokenSubjects subjects, InstantSource clock) {
    this.signatures = new TokenSignatures(keys);
    this.issuer = issuer;
    this.subjects = subjects;
    this.clock = clock;
  }

  public String issuer() {
    return issuer;
  }

  /// The public key, as relying parties fetch it (RFC 7517).
  public Map<String, Object> publicKeys() {
    return signatures.publicKeys();
  }

  /// A new token for the account.
  ///
  /// @return the request with its status
  /// @throws ApiException with NotFound when account or bound object are not there, Invalid when
  ///   the request makes no sense, Conflict when the bound object is another
  public TokenRequest issue(String namespace, String name, TokenRequest request) {
    ServiceAccount account =
        subjects.account(namespace, name).orElseThrow(() -> notFound("serviceaccounts", name));
    TokenRequestSpec.Builder spec = request.getSpec().toBuilder();
    if (!spec.hasExpirationSeconds()) {
      spec.setExpirationSeconds(USUAL.toSeconds());
    }
    if (spec.getAudiencesCount() == 0) {
      spec.addAudiences(issuer);
    }
    refuse(name, spec.build());
    Instant now = clock.instant();
    Instant end = now.plusSeconds(spec.getExpirationSeconds());
    Map<String, Object> claim = new LinkedHashMap<>();
    claim.put("namespace", namespace);
    claim.put("serviceaccount", reference(account.getMetadata()));
    if (spec.hasBoundObjectRef()) {
      bind(account, spec, claim);
    }
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .audience(spec.getAudiencesList())
            .expirationTime(Date.from(end))
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .issuer(issuer)
            .jwtID(UUID.randomUUID().toString())
            .subject(User.serviceAccountName(namespace, name))
            .claim(CLAIM, claim)
            .build();
    TokenRequest.Builder answer = request.toBuilder().setSpec(spec);
    answer.getMetadataBuilder().setName(name).setNamespace(namespace);
    answer
        .getStatusBuilder()
        .setToken(signatures.sign(claims))
        .setExpirationTimestamp(Times.time(Instant.ofEpochSecond(end.getEpochSecond())));
    return answer.build();
  }

  private void bind(
      ServiceAccount account, TokenRequestSpec.Builder spec, Map<String, Object> claim) {
    BoundObjectReference wanted = spec.getBoundObjectRef();
    String namespace = account.getMetadata().getNamespace();
    boolean node = wanted.getKind().equals("Node");
    Message object =
        subjects
            .bound(wanted.getKind(), node ? "" : namespace, wanted.getName())
            .orElseThrow(
                () -> notFound(wanted.getKind().toLowerCase(Locale.ROOT) + "s", wanted.getName()));
    ObjectMeta meta = ObjectMetas.read(object);
    if (!wanted.getUID().isEmpty() && !wanted.getUID().equals(meta.getUid())) {
      throw new ApiException(
          new ApiError.Conflict(
              "authentication.k8s.io",
              "tokenrequests",
              account.getMetadata().getName(),
              "the UID in the bound object reference ("
                  + wanted.getUID()
                  + ") does not match the UID in record. The object might have been deleted and"
                  + " then recreated"));
    }
    String runsAs = account.getMetadata().getName();
    if (object instanceof Pod pod) {
      if (!pod.getSpec().getServiceAccountName().equals(runsAs)) {
        throw new ApiException(
            new ApiError.BadRequest(
                "cannot bind token for serviceaccount \""
                    + runsAs
                    + "\" to pod running with different serviceaccount name."));
      }
      if (!pod.getSpec().getNodeName().isEmpty()) {
        subjects
            .bound("Node", "", pod.getSpec().getNodeName())
            .ifPresent(n -> claim.put("node", reference(ObjectMetas.read(n))));
      }
    }
    claim.put(wanted.getKind().toLowerCase(Locale.ROOT), reference(meta));
    spec.getBoundObjectRefBuilder().setUID(meta.getUid());
  }

  private static Map<String, Object> reference(ObjectMeta meta) {
    return Map.of("name", meta.getName(), "uid", meta.getUid());
  }

  private static void refuse(String name, TokenRequestSpec spec) {
    List<Cause> causes = new ArrayList<>();
    Duration wanted = Duration.ofSeconds(spec.getExpirationSeconds());
    String at = "spec.expirationSeconds";
    if (wanted.compareTo(SHORTEST) < 0) {
      causes.add(
          new Cause(
              "FieldValueInvalid",
              at,
              "Invalid value: "
                  + spec.getExpirationSeconds()
                  + ": may not specify a duration less than 10 minutes"));
    }
    if (wanted.compareTo(LONGEST) > 0) {
      causes.add(
          new Cause(
              "FieldValueInvalid",
              at,
              "Invalid value: "
                  + spec.getExpirationSeconds()
                  + ": may not specify a duration larger than 2^32 seconds"));
    }
    if (spec.hasBoundObjectRef()
        && !List.of("Pod", "Secret", "Node").contains(spec.getBoundObjectRef().getKind())) {
      causes.add(
          new Cause(
              "FieldValueNotSupported",
              "spec.boundObjectRef.kind",
              "Unsupported value: \""
                  + spec.getBoundObjectRef().getKind()
                  + "\": supported values: \"Node\", \"Pod\", \"Secret\""));
    }
    if (!causes.isEmpty()) {
      throw new ApiException(
          ApiError.Invalid.of("authentication.k8s.io", "TokenRequest", name, causes));
    }
  }

  private static ApiException notFound(String plural, String name) {
    return new ApiException(
        new ApiError.NotFound("", plural, name, plural + " \"" + name + "\" not found"));
  }

  /// A token that was checked.
  ///
  /// @param audiences those of the asked ones that it is for
  public record Checked(User user, List<String> audiences) {}

  /// Who shows this token to this API; nobody when it is not good for it.
  public Optional<User> authenticate(String token) {
    return check(token, List.of(issuer)).map(Checked::user);
  }

  /// @param audiences at least one of which the token must be for
  public Optional<Checked> check(String token, List<String> audiences) {
    return signatures.claims(token).flatMap(claims -> checked(claims, audiences));
  }

  private Optional<Checked> checked(JWTClaimsSet claims, List<String> audiences) {
    List<String> common = claims.getAudience().stream().filter(audiences::contains).toList();
    if (!issuer.equals(claims.getIssuer()) || common.isEmpty() || !timely(claims)) {
      return Optional.empty();
    }
    try {
      return user(claims).map(user -> new Checked(user, common));
    } catch (ParseException e) {
      return Optional.empty();
    }
  }

  private boolean timely(JWTClaimsSet claims) {
    Instant now = clock.instant();
    Date end = claims.getExpirationTime();
    Date begin = claims.getNotBeforeTime();
    return end != null
        && now.isBefore(end.toInstant())
        && (begin == null || !now.plus(LEEWAY).isBefore(begin.toInstant()));
  }

  private Optional<User> user(JWTClaimsSet claims) throws ParseException {
    Map<String, Object> claim = claims.getJSONObjectClaim(CLAIM);
    if (claim == null || !(claim.get("namespace") instanceof String namespace)) {
      return Optional.empty();
    }
    Ref account = Ref.of(claim.get("serviceaccount"));
    Optional<ServiceAccount> found = subjects.account(namespace, account.name());
    if (found.isEmpty() || !found.get().getMetadata().getUid().equals(account.uid())) {
      return Optional.empty();
    }
    Map<String, List<String>> extra = new LinkedHashMap<>();
    extra.put(EXTRA + "credential-id", List.of("JTI=" + claims.getJWTID()));
    for (String kind : List.of("Pod", "Secret", "Node")) {
      String name = kind.toLowerCase(Locale.ROOT);
      if (!claim.containsKey(name)) {
        continue;
      }
      Ref bound = Ref.of(claim.get(name));
      // the node of a pod only tells where: the pod is what the token is bound to
      boolean decides = !kind.equals("Node") || !claim.containsKey("pod");
      if (decides && !alive(kind, namespace, bound)) {
        return Optional.empty();
      }
      extra.put(EXTRA + name + "-name", List.of(bound.name()));
      extra.put(EXTRA + name + "-uid", List.of(bound.uid()));
    }
    return Optional.of(
        User.of(
            User.serviceAccountName(namespace, account.name()),
            List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace),
            account.uid(),
            extra));
  }

  private boolean alive(String kind, String namespace, Ref bound) {
    Optional<? extends Message> object =
        subjects.bound(kind, kind.equals("Node") ? "" : namespace, bound.name());
    if (object.isEmpty()) {
      return false;
    }
    ObjectMeta meta = ObjectMetas.read(object.get());
    boolean ended =
        meta.hasDeletionTimestamp()
            && clock.instant().isAfter(Times.instant(meta.getDeletionTimestamp()).plus(AFTERLIFE));
    return meta.getUid().equals(bound.uid()) && !ended;
  }

  private record Ref(String name, String uid) {
    static Ref of(@Nullable Object claim) {
      return claim instanceof Map<?, ?> map
              && map.get("name") instanceof String name
              && map.get("uid") instanceof String uid
          ? new Ref(name, uid)
          : new Ref("", "");
    }
  }
}
