package io.coxswain.controlplane.server;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.edge.Query;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a request's method and path mean. Empty strings mean "not there".
///
/// @param verb Kubernetes' verb for a resource; for everything else the method in lower case
/// @param rest path segments behind the subresource, as what to proxy
public record RequestInfo(
    boolean isResource,
    String path,
    String verb,
    String group,
    String version,
    String namespace,
    String resource,
    String name,
    String subresource,
    List<String> rest,
    String fieldSelector) {

  /// A version of a group, as paths begin with it.
  record Api(String group, String version) {

    private static final Pattern PATH =
        Pattern.compile("^(?:/openapi/v3)?/apis/([^/%]+)/([^/%]+)(?:/.*)?$", Pattern.DOTALL);

    /// @param path as sent
    static Optional<Api> of(String path) {
      Matcher parts = PATH.matcher(path);
      return parts.matches()
          ? Optional.of(new Api(parts.group(1), parts.group(2)))
          : Optional.empty();
    }
  }

  private static final Set<String> PROXIED = Set.of("pods", "services", "nodes");

  private static final Pattern ONE_NAME =
      Pattern.compile("^\\s*metadata\\.name\\s*==?\\s*([^,=!\\s]+)\\s*$");

  /// @throws ApiException with BadRequest when the path is malformed
  public static RequestInfo parse(String method, String rawPath, Query query) {
    List<String> parts = segments(rawPath);
    String path = "/" + String.join("/", parts);
    int at;
    String group;
    if (parts.size() >= 3 && parts.get(0).equals("api")) {
      group = "";
      at = 1;
    } else if (parts.size() >= 4 && parts.get(0).equals("apis")) {
      group = parts.get(1);
      at = 2;
    } else {
      return ofPath(path, method);
    }
    String version = parts.get(at++);
    boolean oldWatch = parts.get(at).equals("watch") && parts.size() > at + 1;
    if (oldWatch) {
      at++;
    }
    List<String> tail = new ArrayList<>(parts.subList(at, parts.size()));
    String namespace = "";
    if (tail.get(0).equals("namespaces") && tail.size() > 1) {
      namespace = tail.get(1);
      // A namespace's own parts are about the namespace, everything else is inside of it.
      boolean own =
          tail.size() == 2 || tail.get(2).equals("status") || tail.get(2).equals("finalize");
      if (!own) {
        tail = tail.subList(2, tail.size());
      }
    }
    String resource = tail.get(0);
    String name = tail.size() > 1 ? tail.get(1) : "";
    String subresource = tail.size() > 2 ? tail.get(2) : "";
    List<String> rest = tail.size() > 3 ? tail.subList(3, tail.size()) : List.of();
    String fieldSelector = query.first("fieldSelector");
    // Of a part, the query is for whoever answers it.
    boolean watch = oldWatch || (subresource.isEmpty() && query.flag("watch"));
    String verb = verb(method, name.isEmpty(), watch);
    if (name.isEmpty()
        && (verb.equals("list") || verb.equals("watch") || verb.equals("deletecollection"))) {
      // Authorization by name also covers a list that can find only that name.
      name = onlyName(fieldSelector);
    }
    return new RequestInfo(
        true,
        path,
        verb,
        group,
        version,
        resource.equals("namespaces") ? "" : namespace,
        resource,
        name,
        subresource,
        List.copyOf(rest),
        fieldSelector);
  }

  /// The name that a field selector asks for, when it asks for just one; empty otherwise.
  static String onlyName(String fieldSelector) {
    Matcher one = ONE_NAME.matcher(fieldSelector);
    return one.matches() ? one.group(1) : "";
  }

  private static RequestInfo ofPath(String path, String method) {
    return new RequestInfo(
        false, path, method.toLowerCase(Locale.ROOT), "", "", "", "", "", "", List.of(), "");
  }

  private static String verb(String method, boolean collection, boolean watch) {
    return switch (method) {
      case "GET", "HEAD" -> watch ? "watch" : collection ? "list" : "get";
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> collection ? "deletecollection" : "delete";
      default -> method.toLowerCase(Locale.ROOT);
    };
  }

  private static List<String> segments(String rawPath) {
    List<String> segments = new ArrayList<>();
    for (String raw : rawPath.split("/", -1)) {
      if (!raw.isEmpty()) {
        segments.add(decode(raw));
      }
    }
    return segments;
  }

  private static String decode(String segment) {
    if (segment.indexOf('%') < 0) {
      return segment;
    }
    try {
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          new ApiError.BadRequest("the path has a malformed escape: " + segment), e);
    }
  }

  /// Whether it is for a pod, a Service or a node, and not for this server.
  boolean isProxied() {
    return isResource
        && group.isEmpty()
        && subresource.equals("proxy")
        && !verb.equals("watch")
        && PROXIED.contains(resource);
  }

  /// How long the path is up to its subresource's end, as it was sent.
  ///
  /// @param rawPath that this was parsed from
  int endOfSubresource(String rawPath) {
    int segments = namespace.isEmpty() ? 5 : 7;
    int at = 0;
    for (int i = 0; i < segments; i++) {
      while (at < rawPath.length() && rawPath.charAt(at) == '/') {
        at++;
      }
      while (at < rawPath.length() && rawPath.charAt(at) != '/') {
        at++;
      }
    }
    return at;
  }

  public Attributes attributes(User user) {
    return isResource
        ? new Attributes(
            user, verb, group, version, resource, subresource, namespace, name, fieldSelector, "")
        : Attributes.ofPath(user, verb, path);
  }
}
