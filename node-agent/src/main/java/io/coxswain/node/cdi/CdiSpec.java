package io.coxswain.node.cdi;

import io.coxswain.client.ApiException;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import io.coxswain.node.cdi.ContainerEdits.DeviceNode;
import io.coxswain.node.cdi.ContainerEdits.Hook;
import io.coxswain.node.cdi.ContainerEdits.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// One CDI file, read strictly: a field that is not known is something that the container would
/// lack. The host's device files are looked at only when a device is asked for.
///
/// @param kind `vendor/class` of all devices in it
/// @param edits of whoever has any of its devices
/// @param devices by name
record CdiSpec(String kind, JsonNode edits, Map<String, JsonNode> devices) {

  private static final Set<String> VERSIONS =
      Set.of("0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0");

  private static final Set<String> STAGES =
      Set.of(
          "prestart",
          "createRuntime",
          "createContainer",
          "startContainer",
          "poststart",
          "poststop");

  /// @throws CdiException saying what of it is wrong
  static CdiSpec read(byte[] content) throws CdiException {
    JsonNode spec = document(content);
    known(spec, "", "cdiVersion", "kind", "annotations", "devices", "containerEdits");
    String version = spec.path("cdiVersion").asString("");
    String plain = version.startsWith("v") ? version.substring(1) : version;
    if (!VERSIONS.contains(plain)) {
      throw new CdiException(
          "cdiVersion \"%s\" is not known here: 0.1.0 to 0.8.0 and 1.0.0 are".formatted(version));
    }
    String kind = spec.path("kind").asString("");
    CdiName.checkKind(kind);
    Map<String, JsonNode> devices = new LinkedHashMap<>();
    for (JsonNode device : spec.path("devices")) {
      known(device, "devices: ", "name", "annotations", "containerEdits");
      String name = device.path("name").asString("");
      CdiName.checkDevice(name);
      if (devices.put(name, device.path("containerEdits")) != null) {
        throw new CdiException("device \"%s\" is there twice".formatted(name));
      }
      check(device.path("containerEdits"));
    }
    if (devices.isEmpty()) {
      throw new CdiException("it has no devices");
    }
    check(spec.path("containerEdits"));
    return new CdiSpec(kind, spec.path("containerEdits"), devices);
  }

  private static JsonNode document(byte[] content) throws CdiException {
    try {
      List<YamlDocument> documents = YamlCodec.parse(content);
      if (documents.size() != 1 || !documents.getFirst().content().isObject()) {
        throw new CdiException("it is no JSON or YAML object");
      }
      if (!documents.getFirst().duplicates().isEmpty()) {
        throw new CdiException(documents.getFirst().duplicates().getFirst());
      }
      return documents.getFirst().content();
    } catch (ApiException e) {
      throw new CdiException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void known(JsonNode object, String where, String... names) throws CdiException {
    for (String name : object.propertyNames()) {
      if (!Set.of(names).contains(name)) {
        throw new CdiException("%sfield \"%s\" is not known here".formatted(where, name));
      }
    }
  }

  private static void check(JsonNode edits) throws CdiException {
    known(
        edits,
        "containerEdits: ",
        "env",
        "deviceNodes",
        "hooks",
        "mounts",
        "intelRdt",
        "additionalGids");
    for (JsonNode variable : edits.path("env")) {
      if (variable.asString("").indexOf('=') < 1) {
        throw new CdiException("env \"%s\" is not NAME=value".formatted(variable.asString("")));
      }
    }
    for (JsonNode node : edits.path("deviceNodes")) {
      known(
          node,
          "deviceNodes: ",
          "path",
          "hostPath",
          "type",
          "major",
          "minor",
          "fileMode",
          "permissions",
          "uid",
          "gid");
      required(node, "deviceNodes", "path");
      String type = node.path("type").asString("");
      if (!Set.of("", "b", "c", "u", "p").contains(type)) {
        throw new CdiException("deviceNodes: type \"%s\" is none of b, c, u and p".formatted(type));
      }
      if (!node.path("permissions").asString("").matches("[rwm]*")) {
        throw new CdiException("deviceNodes: permissions are of r, w and m");
      }
    }
    for (JsonNode mount : edits.path("mounts")) {
      known(mount, "mounts: ", "hostPath", "containerPath", "options", "type");
      required(mount, "mounts", "hostPath");
      required(mount, "mounts", "containerPath");
    }
    for (JsonNode hook : edits.path("hooks")) {
      known(hook, "hooks: ", "hookName", "path", "args", "env", "timeout");
      required(hook, "hooks", "path");
      if (!STAGES.contains(hook.path("hookName").asString(""))) {
        throw new CdiException(
            "hooks: \"%s\" is no stage of a container"
                .formatted(hook.path("hookName").asString("")));
      }
    }
  }

  private static void required(JsonNode object, String where, String field) throws CdiException {
    if (object.path(field).asString("").isEmpty()) {
      throw new CdiException("%s: %s is not given".formatted(where, field));
    }
  }

  /// What one of its devices is on this host.
  ContainerEdits device(String name) throws CdiException {
    return resolve(Objects.requireNonNull(devices.get(name), name));
  }

  /// What these edits are on this host.
  ///
  /// @throws CdiException when a device of the host is not there, or they ask for what is not built
  static ContainerEdits resolve(JsonNode edits) throws CdiException {
    if (edits.has("intelRdt")) {
      throw new CdiException(
          "intelRdt is not supported: cache classes of the CPU are not set here");
    }
    List<DeviceNode> devices = new ArrayList<>();
    for (JsonNode node : edits.path("deviceNodes")) {
      devices.add(device(node));
    }
    List<Mount> mounts = new ArrayList<>();
    for (JsonNode mount : edits.path("mounts")) {
      List<String> options = texts(mount.path("options"));
      String type = mount.path("type").asString("");
      boolean bind = type.isEmpty() || type.equals("bind");
      if (bind && !options.contains("bind") && !options.contains("rbind")) {
        options.add("rbind");
      }
      mounts.add(
          new Mount(
              mount.path("hostPath").asString(""),
              mount.path("containerPath").asString(""),
              bind ? "bind" : type,
              options));
    }
    List<Hook> hooks = new ArrayList<>();
    for (JsonNode hook : edits.path("hooks")) {
      hooks.add(
          new Hook(
              hook.path("hookName").asString(""),
              hook.path("path").asString(""),
              texts(hook.path("args")),
              texts(hook.path("env")),
              hook.has("timeout")
                  ? OptionalInt.of(hook.path("timeout").asInt(0))
                  : OptionalInt.empty()));
    }
    List<Long> groups = new ArrayList<>();
    edits.path("additionalGids").forEach(group -> groups.add(group.asLong(0)));
    groups.removeIf(group -> group == 0);
    return new ContainerEdits(texts(edits.path("env")), devices, mounts, hooks, groups, Map.of());
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString("")));
    return texts;
  }

  private static DeviceNode device(JsonNode node) throws CdiException {
    String path = node.path("path").asString("");
    String type = node.path("type").asString("");
    long major = node.path("major").asLong(0);
    long minor = node.path("minor").asLong(0);
    if (type.isEmpty() || (major == 0 && !type.equals("p"))) {
      Path file = Path.of(node.path("hostPath").asString(path));
      HostDevice found;
      try {
        found = HostDevice.read(file);
      } catch (IOException e) {
        throw new CdiException("device %s of the host: %s".formatted(file, e.getMessage()), e);
      }
      String wanted = type.equals("u") ? "c" : type;
      if (!wanted.isEmpty() && !wanted.equals(found.type())) {
        throw new CdiException(
            "device %s of the host is of the type %s, not %s".formatted(file, found.type(), type));
      }
      type = found.type();
      major = major == 0 ? found.major() : major;
      minor = major == found.major() && minor == 0 ? found.minor() : minor;
    }
    String access = node.path("permissions").asString("");
    return new DeviceNode(
        path,
        type,
        major,
        minor,
        node.has("fileMode") ? OptionalInt.of(node.path("fileMode").asInt(0)) : OptionalInt.empty(),
        number(node, "uid"),
        number(node, "gid"),
        access.isEmpty() ? "rwm" : access);
  }

  private static OptionalLong number(JsonNode node, String field) {
    return node.has(field) ? OptionalLong.of(node.path(field).asLong(0)) : OptionalLong.empty();
  }
}
