package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.api.admissionregistration.v1.MutatingWebhook;
import io.coxswain.api.admissionregistration.v1.RuleWithOperations;
import io.coxswain.api.admissionregistration.v1.WebhookClientConfig;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.Selectors;
import io.coxswain.controlplane.cel.AdmissionExpressions;
import io.coxswain.controlplane.webhook.WebhookClient;
import io.coxswain.controlplane.webhook.WebhookPlace;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One webhook of a configuration, made ready to be asked. Safe for use by many threads.
final class Hook {

  /// A webhook that gave no answer, or none that can be used.
  static final class UnreachableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreachableException(String hook, IOException cause) {
      super("failed calling webhook \"" + hook + "\": " + cause.getMessage(), cause);
    }
  }

  private static final Set<String> QUIET = Set.of("None", "NoneOnDryRun");

  private final String configuration;
  private final MutatingWebhook definition;
  private final boolean mutating;
  private final LabelMatcher namespaces;
  private final LabelMatcher objects;
  private final Conditions conditions;
  private final Places places;
  private volatile @Nullable WebhookClient client;

  /// @param mutating whether it may answer with a patch
  Hook(String configuration, MutatingWebhook definition, boolean mutating, Places places) {
    this.configuration = configuration;
    this.definition = definition;
    this.mutating = mutating;
    this.namespaces = Selectors.labels(definition.getNamespaceSelector());
    this.objects = Selectors.labels(definition.getObjectSelector());
    this.conditions =
        new Conditions(
            definition.getMatchConditionsList(),
            Set.of(AdmissionExpressions.Extra.AUTHORIZER),
            ignoresFailure());
    this.places = places;
  }

  String name() {
    return definition.getName();
  }

  String configuration() {
    return configuration;
  }

  /// Tells it from all others.
  String id() {
    return configuration + "/" + definition.getName();
  }

  boolean ignoresFailure() {
    return definition.getFailurePolicy().equals("Ignore");
  }

  boolean isReinvocable() {
    return definition.getReinvocationPolicy().equals("IfNeeded");
  }

  boolean isEquivalent() {
    return !definition.getMatchPolicy().equals("Exact");
  }

  List<RuleWithOperations> rules() {
    return definition.getRulesList();
  }

  LabelMatcher namespaces() {
    return namespaces;
  }

  LabelMatcher objects() {
    return objects;
  }

  Conditions conditions() {
    return conditions;
  }

  /// Asks it. Blocks, no longer than it may take.
  ///
  /// @param as the version in which the objects are told
  /// @throws UnreachableException when there is no good answer
  /// @throws ApiException when it refuses, or cannot be asked about a dry run
  Verdict ask(
      Attempt attempt, ResourceType<?> as, Optional<Message> object, Optional<Message> before)
      throws UnreachableException {
    if (attempt.dryRun() && !QUIET.contains(definition.getSideEffects())) {
      throw new ApiException(
          new ApiError.BadRequest("admission webhook \"" + name() + "\" does not support dry run"));
    }
    Verdict verdict;
    try {
      String version = version();
      String uid = UUID.randomUUID().toString();
      byte[] review = Reviews.review(attempt, as, uid, version, object, before);
      verdict = Verdict.read(post(review), uid, version, mutating);
    } catch (IOException e) {
      throw new UnreachableException(name(), e);
    }
    verdict
        .annotations()
        .forEach((key, value) -> attempt.notes().annotate(name() + "/" + key, value));
    verdict.warnings().forEach(attempt.notes()::warn);
    if (!verdict.allowed()) {
      throw new ApiException(new ApiError.Denied(verdict.denial(name())));
    }
    return verdict;
  }

  private String version() throws IOException {
    for (String version : definition.getAdmissionReviewVersionsList()) {
      if (version.equals("v1") || version.equals("v1beta1")) {
        return version;
      }
    }
    throw new IOException(
        "could not create admission objects: webhook does not accept known AdmissionReview versions"
            + " (v1, v1beta1)");
  }

  private byte[] post(byte[] review) throws IOException {
    WebhookClientConfig config = definition.getClientConfig();
    int seconds = definition.getTimeoutSeconds();
    WebhookPlace place;
    try {
      place = config.hasUrl() ? WebhookPlace.of(config.getUrl()) : places.find(config.getService());
    } catch (IOException nowhere) {
      throw failed(
          config.hasUrl()
              ? config.getUrl()
              : "https://"
                  + config.getService().getName()
                  + "."
                  + config.getService().getNamespace()
                  + ".svc:"
                  + config.getService().getPort()
                  + (config.getService().getPath().startsWith("/") ? "" : "/")
                  + config.getService().getPath()
                  + "?timeout="
                  + seconds
                  + "s",
          nowhere);
    }
    WebhookPlace timed = place.with("timeout=" + seconds + "s");
    try {
      return client().post(timed, review);
    } catch (IOException e) {
      throw failed(timed.url(), e);
    }
  }

  private static IOException failed(String url, IOException cause) {
    return new IOException(
        "failed to call webhook: Post \"" + url + "\": " + cause.getMessage(), cause);
  }

  /// Kept, since reading certificates takes longer than asking, and sessions of TLS are resumed.
  private WebhookClient client() throws IOException {
    WebhookClient known = client;
    if (known == null) {
      known =
          new WebhookClient(
              definition.getClientConfig().getCaBundle().toByteArray(),
              Duration.ofSeconds(Math.max(1, definition.getTimeoutSeconds())));
      client = known;
    }
    return known;
  }
}
