package io.coxswain.controlplane.server;

import io.coxswain.client.codec.Sha256;
import io.coxswain.controlplane.registry.Catalog;
import io.coxswain.controlplane.server.ExtensionRequests.Extension;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Tells clients which kinds there are, in the three ways that they ask: group by group, a group
/// version at a time, and everything at once (aggregated). All of it is made once for each
/// [Catalog].
final class Discovery {

  static final String AGGREGATED =
      "application/json;g=apidiscovery.k8s.io;v=%s;as=APIGroupDiscoveryList";

  private static final List<String> STORED_VERBS =
      List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

  /// Nobody empties a cluster with one request.
  private static final List<String> ONE_BY_ONE_VERBS =
      List.of("create", "delete", "get", "list", "patch", "update", "watch");

  private static final JsonMapper JSON = new JsonMapper();

  /// As APIServices of what is served here have it: built in, and defined by people.
  private static final int BUILT_IN = 17_000;

  private static final int DEFINED = 1_000;
  private static final int HASH_BYTES = 8;
  private static final int SERVED_HERE = 15;
  private static final int DEFINED_HERE = 100;

  private final Map<String, Map<String, List<ResourceType<?>>>> groups = new LinkedHashMap<>();
  private final Map<String, Map<String, Extension>> extensions = new TreeMap<>();
  private final Map<String, Integer> priorities = new HashMap<>();
  private final Map<String, byte[]> documents = new LinkedHashMap<>();
  private final Map<String, byte[]> aggregated = new LinkedHashMap<>();

  /// @param handedOn what other servers answer; each stands for what is served here in its place
  Discovery(Catalog catalog, List<Extension> handedOn) {
    for (Extension extension : handedOn) {
      extensions
          .computeIfAbsent(extension.group(), _ -> new TreeMap<>(VersionOrder.NEWEST_FIRST))
          .put(extension.version(), extension);
    }
    for (ResourceType<?> type : catalog.types()) {
      priorities.merge(
          type.group(), catalog.custom(type).isPresent() ? DEFINED : BUILT_IN, Math::max);
      if (extensions.getOrDefault(type.group(), Map.of()).containsKey(type.version())) {
        continue;
      }
      groups
          .computeIfAbsent(
              type.group(),
              _ -> new TreeMap<String, List<ResourceType<?>>>(VersionOrder.NEWEST_FIRST))
          .computeIfAbsent(type.version(), _ -> new ArrayList<>())
          .add(type);
    }
    groups
        .values()
        .forEach(versions ->
            versions
                .values()
                .forEach(types -> types.sort(Comparator.comparing(ResourceType::plural))));
    handedOn.forEach(extension -> {
      priorities.merge(extension.group(), extension.groupPriority(), Math::max);
      groups.computeIfAbsent(extension.group(), _ -> new TreeMap<>(VersionOrder.NEWEST_FIRST));
    });
    documents.put("/api", bytes(coreVersions()));
    documents.put("/apis", bytes(groupList()));
    groups.forEach((group, versions) -> {
      if (!group.isEmpty()) {
        documents.put("/apis/" + group, bytes(group(group)));
      }
      versions.forEach((version, types) ->
          documents.put(root(group, version), bytes(resources(catalog, group, version, types))));
    });
    for (String version : List.of("v2", "v2beta1")) {
      aggregated.put("/api " + version, bytes(aggregated(version, true)));
      aggregated.put("/apis " + version, bytes(aggregated(version, false)));
    }
  }

  static String root(String group, String version) {
    return group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
  }

  /// Those that clients should look at first come first.
  private List<String> groupNames() {
    return groups.keySet().stream()
        .sorted(Comparator.comparingInt((String group) -> -priorities.getOrDefault(group, 0)))
        .toList();
  }

  /// The versions of a group, whoever serves them, the preferred one first.
  private List<String> versionNames(String group) {
    Map<String, Extension> theirs = extensions.getOrDefault(group, Map.of());
    TreeSet<String> names = new TreeSet<>(VersionOrder.NEWEST_FIRST);
    names.addAll(versions(group).keySet());
    names.addAll(theirs.keySet());
    if (theirs.isEmpty()) {
      return List.copyOf(names);
    }
    boolean builtIn = priorities.getOrDefault(group, 0) >= BUILT_IN;
    return names.stream()
        .sorted(
            Comparator.comparingInt((String name) -> {
              Extension extension = theirs.get(name);
              return extension != null
                  ? -extension.versionPriority()
                  : builtIn ? -SERVED_HERE : -DEFINED_HERE;
            }))
        .toList();
  }

  java.util.Set<String> paths() {
    return documents.keySet();
  }

  /// The JSON under a path, if discovery has one there.
  Optional<byte[]> document(String path) {
    return Optional.ofNullable(documents.get(path));
  }

  /// The aggregated document of `/api` or `/apis`, if this is such a path.
  ///
  /// @param version of apidiscovery.k8s.io
  Optional<byte[]> aggregated(String path, String version) {
    return Optional.ofNullable(aggregated.get(path + " " + version));
  }

  /// Which version of the aggregated form an Accept header prefers over the plain one; empty for
  /// the plain one.
  static String aggregatedVersion(String accept) {
    for (String entry : accept.split(",", -1)) {
      String form = entry.replace(" ", "");
      if (form.contains("as=APIGroupDiscoveryList")
          && form.contains("g=apidiscovery.k8s.io")
          && form.startsWith("application/json")) {
        if (form.contains("v=v2beta1")) {
          return "v2beta1";
        }
        if (form.contains("v=v2")) {
          return "v2";
        }
      }
      if (form.equals("application/json") || form.equals("*/*")) {
        return "";
      }
    }
    return "";
  }

  private static ObjectNode coreVersions() {
    ObjectNode root = JSON.createObjectNode().put("kind", "APIVersions");
    root.putArray("versions").add("v1");
    root.putArray("serverAddressByClientCIDRs");
    return root;
  }

  private ObjectNode groupList() {
    ObjectNode root = JSON.createObjectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
    ArrayNode list = root.putArray("groups");
    for (String group : groupNames()) {
      if (!group.isEmpty()) {
        ObjectNode entry = group(group);
        entry.remove(List.of("kind", "apiVersion"));
        list.add(entry);
      }
    }
    return root;
  }

  private ObjectNode group(String group) {
    ObjectNode entry =
        JSON.createObjectNode().put("kind", "APIGroup").put("apiVersion", "v1").put("name", group);
    ArrayNode versions = entry.putArray("versions");
    for (String version : versionNames(group)) {
      versions.addObject().put("groupVersion", group + "/" + version).put("version", version);
    }
    entry.set("preferredVersion", versions.get(0));
    return entry;
  }

  private Map<String, List<ResourceType<?>>> versions(String group) {
    return groups.getOrDefault(group, Map.of());
  }

  private static ObjectNode resources(
      Catalog catalog, String group, String version, List<ResourceType<?>> types) {
    ObjectNode root =
        JSON.createObjectNode()
            .put("kind", "APIResourceList")
            .put("apiVersion", "v1")
            .put("groupVersion", group.isEmpty() ? version : group + "/" + version);
    ArrayNode list = root.putArray("resources");
    for (ResourceType<?> type : types) {
      ObjectNode entry = list.addObject();
      entry.put("name", type.plural());
      entry.put("singularName", type.singular());
      entry.put("namespaced", type.namespaced());
      entry.put("kind", type.kind());
      verbs(type).forEach(entry.putArray("verbs")::add);
      if (!type.shortNames().isEmpty()) {
        type.shortNames().forEach(entry.putArray("shortNames")::add);
      }
      if (!type.categories().isEmpty()) {
        type.categories().forEach(entry.putArray("categories")::add);
      }
      if (!type.createOnly() && !type.readOnly()) {
        entry.put("storageVersionHash", hash(catalog.storedAs(type)));
      }
      for (String subresource : type.subresources()) {
        ObjectNode part = list.addObject();
        ObjectKind kind = kindOf(type, subresource);
        part.put("name", type.plural() + "/" + subresource);
        part.put("singularName", "");
        part.put("namespaced", type.namespaced());
        if (!kind.group().equals(group) || !kind.version().equals(version)) {
          part.put("group", kind.group());
          part.put("version", kind.version());
        }
        part.put("kind", kind.kind());
        verbsOf(subresource).forEach(part.putArray("verbs")::add);
      }
    }
    return root;
  }

  /// Tells whoever moves stored objects to another version when the version is another one.
  private static String hash(ObjectKind stored) {
    String text = stored.group() + "/" + stored.version() + "/" + stored.kind();
    return Base64.getEncoder().encodeToString(Arrays.copyOf(Sha256.of(text), HASH_BYTES));
  }

  private ObjectNode aggregated(String apiVersion, boolean core) {
    ObjectNode root =
        JSON.createObjectNode()
            .put("kind", "APIGroupDiscoveryList")
            .put("apiVersion", "apidiscovery.k8s.io/" + apiVersion);
    root.putObject("metadata");
    ArrayNode items = root.putArray("items");
    for (String group : groupNames()) {
      if (group.isEmpty() != core) {
        continue;
      }
      ObjectNode item = items.addObject();
      ObjectNode metadata = item.putObject("metadata");
      if (!group.isEmpty()) {
        metadata.put("name", group);
      }
      ArrayNode list = item.putArray("versions");
      for (String version : versionNames(group)) {
        Extension extension = extensions.getOrDefault(group, Map.of()).get(version);
        ObjectNode entry = list.addObject();
        entry.put("version", version);
        ArrayNode resources = entry.putArray("resources");
        if (extension != null) {
          ExtensionDiscovery.addResources(resources, extension);
          entry.put("freshness", extension.available() ? "Current" : "Stale");
        } else {
          versions(group)
              .getOrDefault(version, List.of())
              .forEach(type -> aggregatedResource(resources.addObject(), type));
          entry.put("freshness", "Current");
        }
      }
    }
    return root;
  }

  private static void aggregatedResource(ObjectNode entry, ResourceType<?> type) {
    entry.put("resource", type.plural());
    kind(
        entry.putObject("responseKind"), new ObjectKind(type.group(), type.version(), type.kind()));
    entry.put("scope", type.namespaced() ? "Namespaced" : "Cluster");
    entry.put("singularResource", type.singular());
    verbs(type).forEach(entry.putArray("verbs")::add);
    if (!type.shortNames().isEmpty()) {
      type.shortNames().forEach(entry.putArray("shortNames")::add);
    }
    if (!type.categories().isEmpty()) {
      type.categories().forEach(entry.putArray("categories")::add);
    }
    if (type.subresources().isEmpty()) {
      return;
    }
    ArrayNode parts = entry.putArray("subresources");
    for (String subresource : type.subresources()) {
      ObjectNode part = parts.addObject();
      part.put("subresource", subresource);
      kind(part.putObject("responseKind"), kindOf(type, subresource));
      verbsOf(subresource).forEach(part.putArray("verbs")::add);
    }
  }

  private static void kind(ObjectNode node, ObjectKind kind) {
    node.put("group", kind.group()).put("version", kind.version()).put("kind", kind.kind());
  }

  static List<String> verbs(ResourceType<?> type) {
    if (type.readOnly()) {
      return List.of("get", "list");
    }
    if (type.createOnly()) {
      return List.of("create");
    }
    return type.qualifiedPlural().equals("namespaces") ? ONE_BY_ONE_VERBS : STORED_VERBS;
  }

  static List<String> verbsOf(String subresource) {
    return switch (subresource) {
      case "log" -> List.of("get");
      case "exec", "attach", "portforward" -> List.of("create", "get");
      case "proxy" -> List.of("create", "delete", "get", "patch", "update");
      case "binding", "eviction", "token" -> List.of("create");
      case "finalize" -> List.of("update");
      default -> List.of("get", "patch", "update");
    };
  }

  private static ObjectKind kindOf(ResourceType<?> type, String subresource) {
    return switch (subresource) {
      case "scale" -> new ObjectKind("autoscaling", "v1", "Scale");
      case "eviction" -> new ObjectKind("policy", "v1", "Eviction");
      case "binding" -> new ObjectKind("", "v1", "Binding");
      case "token" -> new ObjectKind("authentication.k8s.io", "v1", "TokenRequest");
      case "exec" -> new ObjectKind("", "v1", "PodExecOptions");
      case "attach" -> new ObjectKind("", "v1", "PodAttachOptions");
      case "portforward" -> new ObjectKind("", "v1", "PodPortForwardOptions");
      case "proxy" -> new ObjectKind("", "v1", type.kind() + "ProxyOptions");
      default -> new ObjectKind(type.group(), type.version(), type.kind());
    };
  }

  private static byte[] bytes(ObjectNode node) {
    return JSON.writeValueAsBytes(node);
  }
}
