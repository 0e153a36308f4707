package io.coxswain.controlplane.openapi;

import com.google.protobuf.Descriptors.Descriptor;
import io.coxswain.api.meta.v1.ListMeta;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The OpenAPI documents of the whole API. They are large and rarely asked for: made on demand, and
/// kept only as long as there is memory.
public final class OpenApi {

  private static final String INDEX = "/openapi/v3";

  private static final JsonMapper JSON = new JsonMapper();

  private final Schema schema;
  private final List<CustomKind> custom;
  private final Map<String, List<ResourceType<?>>> groupVersions = new TreeMap<>();
  private final Map<String, List<CustomKind>> byGroupVersion = new TreeMap<>();
  private final Map<String, Document> made = new ConcurrentHashMap<>();

  public OpenApi(Schema schema, List<CustomKind> custom) {
    this.schema = schema;
    this.custom = List.copyOf(custom);
    for (ResourceType<?> type : schema.types()) {
      groupVersions.computeIfAbsent(root(type).substring(1), _ -> new ArrayList<>()).add(type);
    }
    for (CustomKind kind : custom) {
      String groupVersion = root(kind.type()).substring(1);
      groupVersions.computeIfAbsent(groupVersion, _ -> new ArrayList<>());
      byGroupVersion.computeIfAbsent(groupVersion, _ -> new ArrayList<>()).add(kind);
    }
  }

  private static String root(ResourceType<?> type) {
    return (type.group().isEmpty() ? "/api/" : "/apis/") + type.apiVersion();
  }

  /// The document of OpenAPI 2, as JSON.
  public byte[] v2() {
    return make("v2", () -> document(schema.types(), custom, false));
  }

  /// What stands under a path of OpenAPI 3: the index, or the document of one group version.
  public Optional<byte[]> v3(String path) {
    if (path.equals(INDEX)) {
      return Optional.of(make(INDEX, this::index));
    }
    if (!path.startsWith(INDEX + "/")) {
      return Optional.empty();
    }
    String groupVersion = path.substring(INDEX.length() + 1);
    List<ResourceType<?>> types = groupVersions.get(groupVersion);
    return types == null
        ? Optional.empty()
        : Optional.of(
            make(
                groupVersion,
                () -> document(types, byGroupVersion.getOrDefault(groupVersion, List.of()), true)));
  }

  private byte[] make(String name, Supplier<ObjectNode> maker) {
    return made.computeIfAbsent(name, _ -> new Document())
        .bytes(() -> JSON.writeValueAsBytes(maker.get()));
  }

  private ObjectNode index() {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode paths = root.putObject("paths");
    for (String groupVersion : groupVersions.keySet()) {
      byte[] document = v3(INDEX + "/" + groupVersion).orElseThrow();
      // Clients keep a document as long as its hash stays the same.
      paths
          .putObject(groupVersion)
          .put("serverRelativeURL", INDEX + "/" + groupVersion + "?hash=" + hash(document));
    }
    return root;
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of()
          .withUpperCase()
          .formatHex(MessageDigest.getInstance("SHA-512").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-512", e);
    }
  }

  private ObjectNode document(
      Collection<ResourceType<?>> types, List<CustomKind> theirs, boolean v3) {
    Definitions definitions = new Definitions(schema, v3);
    ObjectNode root = JSON.createObjectNode();
    root.put(v3 ? "openapi" : "swagger", v3 ? "3.0.0" : "2.0");
    root.putObject("info").put("title", "Kubernetes").put("version", "v1.36.0");
    ObjectNode paths = root.putObject("paths");
    Operations operations = new Operations(schema, definitions, v3);
    List<Descriptor> roots = new ArrayList<>();
    for (ResourceType<?> type : types) {
      operations.add(paths, root(type), type);
      roots.add(type.prototype().getDescriptorForType());
      if (!type.createOnly()) {
        roots.add(schema.listOf(type).getDescriptorForType());
      }
    }
    for (CustomKind kind : theirs) {
      operations.add(paths, root(kind.type()), kind.type());
    }
    if (!theirs.isEmpty()) {
      roots.addAll(List.of(ObjectMeta.getDescriptor(), ListMeta.getDescriptor()));
    }
    for (String options : List.of("DeleteOptions", "Status")) {
      schema
          .message(new ObjectKind("", "v1", options))
          .ifPresent(message -> roots.add(message.getDescriptorForType()));
    }
    ObjectNode schemas =
        v3 ? root.putObject("components").putObject("schemas") : root.putObject("definitions");
    definitions.addAll(schemas, roots);
    CustomDefinitions described = new CustomDefinitions(definitions, v3);
    theirs.forEach(kind -> described.add(schemas, kind));
    return root;
  }
}
