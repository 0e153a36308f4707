package io.coxswain.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.coxswain.schema.options.ListType;
import io.coxswain.schema.options.MapType;
import io.coxswain.schema.options.Options;
import io.coxswain.schema.options.PatchStrategy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The schema promises in JSON what Kubernetes 1.36 promises: the facts of its OpenAPI document are
/// in `kubernetes-1.36.txt`, a line for each field.
class UpstreamOpenApiTest {

  /// In the official client's messages, and not in the document.
  private static final Set<String> IN_MESSAGES_ONLY =
      Set.of("- autoscaling.v2.HorizontalPodAutoscalerCondition observedGeneration int64");

  private static final Map<String, List<String>> FACTS = new LinkedHashMap<>();

  @BeforeAll
  static void read() throws IOException {
    try (InputStream file = UpstreamOpenApiTest.class.getResourceAsStream("kubernetes-1.36.txt")) {
      assertThat(file).isNotNull();
      List<String> fields = List.of();
      for (String line : new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (line.startsWith(" ")) {
          fields.add(line.strip());
        } else if (!line.startsWith("#")) {
          String name = line.split(" ", 2)[0];
          fields = new ArrayList<>();
          FACTS.put(name, fields);
          if (!name.equals(line)) {
            fields.add("(itself) " + line.substring(name.length() + 1));
          }
        }
      }
    }
  }

  private static Map<String, Descriptor> messages() {
    Map<String, Descriptor> messages = new HashMap<>();
    for (FileDescriptor file : ApiFiles.ALL) {
      file.getMessageTypes().forEach(message -> messages.put(name(message), message));
    }
    return messages;
  }

  private static String name(Descriptor message) {
    return message.getFullName().replace("coxswain.api.", "");
  }

  @Test
  void everyFieldIsAsUpstreamHasIt() {
    Map<String, Descriptor> ours = messages();
    List<String> differences = new ArrayList<>();
    FACTS.forEach((name, theirs) -> {
      Descriptor message = ours.get(name);
      if (message == null) {
        differences.add(name + " is missing");
        return;
      }
      Collection<String> own = lines(MessageSchema.of(message));
      for (String line : theirs) {
        if (!own.contains(line)) {
          differences.add("+ " + name + " " + line);
        }
      }
      for (String line : own) {
        if (!theirs.contains(line)) {
          differences.add("- " + name + " " + line);
        }
      }
    });
    assertThat(differences).containsExactlyInAnyOrderElementsOf(IN_MESSAGES_ONLY);
    assertThat(FACTS).hasSizeGreaterThan(400);
  }

  @Test
  void everyKindThatIsServedIsCompared() {
    // Figures come from an API of their own, which is not in Kubernetes' document.
    assertThat(Schema.api().types())
        .filteredOn(type -> !type.group().equals("metrics.k8s.io"))
        .extracting(type -> name(type.prototype().getDescriptorForType()))
        .allSatisfy(name -> assertThat(FACTS).containsKey(name));
  }

  private static Collection<String> lines(MessageSchema message) {
    Collection<String> lines = new TreeSet<>();
    if (message.descriptor().getOptions().getExtension(Options.structType) == MapType.MAP_ATOMIC) {
      lines.add("(itself) map=atomic");
    }
    message.jsonFields().forEach((name, place) -> lines.add(line(name, place.field())));
    return lines;
  }

  private static String line(String name, FieldSchema field) {
    StringBuilder line = new StringBuilder(name).append(' ').append(type(field));
    if (field.required()) {
      line.append(" !");
    }
    if (field.listType() != ListType.LIST_TYPE_UNSPECIFIED) {
      line.append(" list=").append(field.listType().name().toLowerCase(Locale.ROOT));
      if (!field.listMapKeys().isEmpty()) {
        line.append(':').append(String.join(",", field.listMapKeys()));
      }
    }
    if (field.descriptor().getOptions().hasExtension(Options.mapType)) {
      line.append(field.mapType() == MapType.MAP_ATOMIC ? " map=atomic" : " map=granular");
    }
    if (!field.patchStrategies().isEmpty()) {
      line.append(" patch=")
          .append(
              field.patchStrategies().stream()
                  .sorted()
                  .map(UpstreamOpenApiTest::word)
                  .collect(Collectors.joining(",")));
    }
    if (!field.mergeKey().isEmpty()) {
      line.append(" key=").append(field.mergeKey());
    }
    return line.toString();
  }

  private static String word(PatchStrategy strategy) {
    return switch (strategy) {
      case MERGE -> "merge";
      case REPLACE -> "replace";
      case RETAIN_KEYS -> "retainKeys";
      case PATCH_STRATEGY_UNSPECIFIED, UNRECOGNIZED -> strategy.name();
    };
  }

  private static String type(FieldSchema field) {
    String value = type(field.valueDescriptor());
    if (field.isMap()) {
      return "{}" + value;
    }
    return field.isList() ? "[]" + value : value;
  }

  private static String type(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT -> "int32";
      case LONG -> "int64";
      case DOUBLE, FLOAT -> "number";
      case BOOLEAN -> "boolean";
      case STRING, ENUM -> "string";
      case BYTE_STRING -> "bytes";
      case MESSAGE -> message(field.getMessageType());
    };
  }

  /// A list of strings that has a message of its own, so that an empty one differs from none.
  private static String message(Descriptor message) {
    return switch (MessageSchema.of(message).jsonForm()) {
      case STRINGS -> "[]string";
      case OBJECT, QUANTITY, TIME, MICRO_TIME, INT_OR_STRING, DURATION, RAW, EITHER, UNRECOGNIZED ->
          name(message);
    };
  }
}
