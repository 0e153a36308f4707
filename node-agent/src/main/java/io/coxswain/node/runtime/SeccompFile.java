package io.coxswain.node.runtime;

import io.coxswain.client.codec.JsonTrees;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A file of seccomp rules as `linux.seccomp` of a bundle. Read are OCI's form (runtime-spec,
/// config-linux.md) and Docker's, whose rules may count for some machines and capabilities only.
///
/// @param architecture of the machine, as Go names it
/// @param kernel release of the machine
/// @param capabilities that the container has
record SeccompFile(String architecture, String kernel, Set<String> capabilities) {

  private static final Set<String> ACTIONS =
      Set.of(
          "SCMP_ACT_ALLOW",
          "SCMP_ACT_ERRNO",
          "SCMP_ACT_KILL",
          "SCMP_ACT_KILL_PROCESS",
          "SCMP_ACT_KILL_THREAD",
          "SCMP_ACT_LOG",
          "SCMP_ACT_NOTIFY",
          "SCMP_ACT_TRACE",
          "SCMP_ACT_TRAP");

  private static final Set<String> OPERATORS =
      Set.of(
          "SCMP_CMP_EQ",
          "SCMP_CMP_GE",
          "SCMP_CMP_GT",
          "SCMP_CMP_LE",
          "SCMP_CMP_LT",
          "SCMP_CMP_MASKED_EQ",
          "SCMP_CMP_NE");

  private static final Map<String, String> NATIVE =
      Map.of("amd64", "SCMP_ARCH_X86_64", "arm64", "SCMP_ARCH_AARCH64");

  SeccompFile {
    capabilities = Set.copyOf(capabilities);
  }

  /// @throws IllegalArgumentException when it is no profile
  Map<String, Object> read(byte[] content) {
    JsonNode file;
    try {
      file = JsonTrees.read(content);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!file.isObject()) {
      throw new IllegalArgumentException("it is no JSON object");
    }
    Map<String, Object> profile = new LinkedHashMap<>();
    profile.put("defaultAction", action(file, "defaultAction"));
    number(file, "defaultErrnoRet").ifPresent(errno -> profile.put("defaultErrnoRet", errno));
    List<String> architectures = architectures(file);
    if (!architectures.isEmpty()) {
      profile.put("architectures", architectures);
    }
    List<String> flags = texts(file, "flags");
    if (!flags.isEmpty()) {
      profile.put("flags", flags);
    }
    for (String name : List.of("listenerPath", "listenerMetadata")) {
      if (file.hasNonNull(name)) {
        profile.put(name, text(file, name));
      }
    }
    List<Object> rules = new ArrayList<>();
    int index = 0;
    for (JsonNode rule : list(file, "syscalls")) {
      if (counts(rule)) {
        try {
          rules.add(rule(rule));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "syscalls[%d]: %s".formatted(index, e.getMessage()), e);
        }
      }
      index++;
    }
    profile.put("syscalls", rules);
    return profile;
  }

  private List<String> architectures(JsonNode file) {
    List<String> named = texts(file, "architectures");
    List<JsonNode> mapped = list(file, "archMap");
    if (!named.isEmpty() && !mapped.isEmpty()) {
      throw new IllegalArgumentException(
          "it has both architectures and archMap, of which one only counts");
    }
    List<String> all = new ArrayList<>(named);
    for (JsonNode one : mapped) {
      if (text(one, "architecture").equals(NATIVE.get(architecture))) {
        all.add(text(one, "architecture"));
        all.addAll(texts(one, "subArchitectures"));
      }
    }
    return all;
  }

  /// Whether a rule is for this machine and container.
  private boolean counts(JsonNode rule) {
    JsonNode includes = rule.path("includes");
    JsonNode excludes = rule.path("excludes");
    List<String> machines = texts(includes, "arches");
    return (machines.isEmpty() || machines.contains(architecture))
        && !texts(excludes, "arches").contains(architecture)
        && capabilities.containsAll(texts(includes, "caps"))
        && texts(excludes, "caps").stream().noneMatch(capabilities::contains)
        && (!includes.hasNonNull("minKernel")
            || Kernels.isAtLeast(kernel, text(includes, "minKernel")))
        && (!excludes.hasNonNull("minKernel")
            || !Kernels.isAtLeast(kernel, text(excludes, "minKernel")));
  }

  private static Map<String, Object> rule(JsonNode rule) {
    List<String> names = new ArrayList<>(texts(rule, "names"));
    if (rule.hasNonNull("name")) {
      if (!names.isEmpty()) {
        throw new IllegalArgumentException("it has both name and names");
      }
      names.add(text(rule, "name"));
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException("it names no system call");
    }
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("names", names);
    one.put("action", action(rule, "action"));
    number(rule, "errnoRet").ifPresent(errno -> one.put("errnoRet", errno));
    List<Object> conditions = new ArrayList<>();
    for (JsonNode condition : list(rule, "args")) {
      conditions.add(condition(condition));
    }
    if (!conditions.isEmpty()) {
      one.put("args", conditions);
    }
    return one;
  }

  private static Map<String, Object> condition(JsonNode condition) {
    String operator = text(condition, "op");
    if (!OPERATORS.contains(operator)) {
      throw new IllegalArgumentException("op \"%s\" is not known".formatted(operator));
    }
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("index", number(condition, "index").orElse(BigInteger.ZERO));
    one.put("value", number(condition, "value").orElse(BigInteger.ZERO));
    one.put("valueTwo", number(condition, "valueTwo").orElse(BigInteger.ZERO));
    one.put("op", operator);
    return one;
  }

  private static String action(JsonNode object, String name) {
    String action = text(object, name);
    if (!ACTIONS.contains(action)) {
      throw new IllegalArgumentException("%s \"%s\" is not known".formatted(name, action));
    }
    return action;
  }

  private static String text(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isString()) {
      throw new IllegalArgumentException("%s is missing, or no text".formatted(name));
    }
    return value.asString();
  }

  private static List<String> texts(JsonNode object, String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode one : list(object, name)) {
      if (!one.isString()) {
        throw new IllegalArgumentException("%s has something that is no text".formatted(name));
      }
      texts.add(one.asString());
    }
    return texts;
  }

  private static List<JsonNode> list(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw new IllegalArgumentException("%s is no list".formatted(name));
    }
    return List.copyOf(value.values());
  }

  private static Optional<BigInteger> number(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isIntegralNumber()
        || value.bigIntegerValue().signum() < 0
        || value.bigIntegerValue().bitLength() > 64) {
      throw new IllegalArgumentException("%s is no number of 64 bits".formatted(name));
    }
    return Optional.of(value.bigIntegerValue());
  }
}
