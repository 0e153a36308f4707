package io.coxswain.controlplane.admission;

import io.coxswain.api.admissionregistration.v1.MutatingWebhook;
import io.coxswain.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.coxswain.api.admissionregistration.v1.ServiceReference;
import io.coxswain.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.coxswain.api.admissionregistration.v1.WebhookClientConfig;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Configurations of admission webhooks.
final class WebhookRules {

  private static final Set<String> QUIET = new TreeSet<>(Set.of("None", "NoneOnDryRun"));
  private static final List<String> REVIEWS = List.of("v1", "v1beta1");
  private static final int LONGEST_WAIT = 30;

  private WebhookRules() {}

  static void check(MutatingWebhookConfiguration configuration, Problems problems) {
    check(configuration.getWebhooksList(), problems);
  }

  static void check(ValidatingWebhookConfiguration configuration, Problems problems) {
    check(configuration.getWebhooksList().stream().map(Webhooks::common).toList(), problems);
  }

  private static void check(List<MutatingWebhook> hooks, Problems problems) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < hooks.size(); i++) {
      String path = "webhooks[" + i + "]";
      check(hooks.get(i), path, problems);
      if (!hooks.get(i).getName().isEmpty() && !names.add(hooks.get(i).getName())) {
        problems.duplicate(path + ".name", hooks.get(i).getName());
      }
    }
  }

  private static void check(MutatingWebhook hook, String path, Problems problems) {
    name(hook.getName(), path + ".name", problems);
    for (int i = 0; i < hook.getRulesCount(); i++) {
      MatchRules.check(hook.getRules(i), path + ".rules[" + i + "]", problems);
    }
    if (!hook.hasSideEffects()) {
      problems.required(path + ".sideEffects", "must specify one of " + String.join(", ", QUIET));
    } else if (!QUIET.contains(hook.getSideEffects())) {
      problems.unsupported(path + ".sideEffects", hook.getSideEffects(), QUIET);
    }
    int seconds = hook.getTimeoutSeconds();
    if (hook.hasTimeoutSeconds() && (seconds < 1 || seconds > LONGEST_WAIT)) {
      problems.invalid(
          path + ".timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds");
    }
    MatchRules.selector(hook.getNamespaceSelector(), path + ".namespaceSelector", problems);
    MatchRules.selector(hook.getObjectSelector(), path + ".objectSelector", problems);
    client(hook.getClientConfig(), path + ".clientConfig", problems);
    MatchRules.conditions(
        hook.getMatchConditionsList(),
        Set.of(Extra.AUTHORIZER),
        path + ".matchConditions",
        problems);
    reviews(hook.getAdmissionReviewVersionsList(), path + ".admissionReviewVersions", problems);
  }

  /// At least three parts, so that names of different people differ.
  private static void name(String name, String path, Problems problems) {
    if (name.isEmpty()) {
      problems.required(path);
      return;
    }
    Names.subdomain(name).ifPresent(why -> problems.invalid(path, name, why));
    if (name.split("\\.", -1).length < 3) {
      problems.invalid(
          path, name, "should be a domain with at least three segments separated by dots");
    }
  }

  private static void client(WebhookClientConfig client, String path, Problems problems) {
    if (client.hasUrl() == client.hasService()) {
      problems.required(path, "exactly one of url or service is required");
    } else if (client.hasUrl()) {
      url(client.getUrl(), path + ".url", problems);
    } else {
      service(client.getService(), path + ".service", problems);
    }
  }

  private static void url(String url, String path, Problems problems) {
    String form = "; desired format: https://host[/path]";
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      problems.required(path, "url must be a valid URL: " + e.getMessage() + form);
      return;
    }
    if (!"https".equals(uri.getScheme())) {
      String scheme = uri.getScheme() == null ? "" : uri.getScheme();
      problems.invalid(path, scheme, "'https' is the only allowed URL scheme" + form);
    }
    if (uri.getHost() == null || uri.getHost().isEmpty()) {
      problems.invalid(path, "", "host must be specified" + form);
    }
    if (uri.getUserInfo() != null) {
      problems.invalid(path, uri.getUserInfo(), "user information is not permitted in the URL");
    }
    if (uri.getFragment() != null) {
      problems.invalid(path, uri.getFragment(), "fragments are not permitted in the URL");
    }
    if (uri.getQuery() != null) {
      problems.invalid(path, uri.getQuery(), "query parameters are not permitted in the URL");
    }
  }

  private static void service(ServiceReference service, String path, Problems problems) {
    if (service.getName().isEmpty()) {
      problems.required(path + ".name", "service name is required");
    }
    if (service.getNamespace().isEmpty()) {
      problems.required(path + ".namespace", "service namespace is required");
    }
    if (service.getPort() < 1 || service.getPort() > 65_535) {
      problems.invalid(
          path + ".port",
          service.getPort(),
          "port is not valid: must be between 1 and 65535, inclusive");
    }
    String way = service.getPath();
    if (!service.hasPath() || way.isEmpty() || way.equals("/")) {
      return;
    }
    if (!way.startsWith("/")) {
      problems.invalid(path + ".path", way, "must start with a '/'");
      return;
    }
    String inner = way.substring(1, way.endsWith("/") ? way.length() - 1 : way.length());
    for (String step : inner.split("/", -1)) {
      if (step.isEmpty()) {
        problems.invalid(path + ".path", way, "segment may not be empty");
        return;
      }
      Names.subdomain(step)
          .ifPresent(why -> problems.invalid(path + ".path", way, "segment: " + why));
    }
  }

  private static void reviews(List<String> versions, String path, Problems problems) {
    if (versions.isEmpty()) {
      problems.required(path, "must specify one of " + String.join(", ", REVIEWS));
      return;
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < versions.size(); i++) {
      String version = versions.get(i);
      String at = path + "[" + i + "]";
      if (!seen.add(version)) {
        problems.invalid(at, version, "duplicate version");
      } else {
        Names.label(version).ifPresent(why -> problems.invalid(at, version, why));
      }
    }
    if (seen.stream().noneMatch(REVIEWS::contains)) {
      problems.invalidJson(
          path,
          MatchRules.shown(versions),
          "must include at least one of " + String.join(", ", REVIEWS));
    }
  }
}
