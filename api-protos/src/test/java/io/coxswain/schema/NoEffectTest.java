package io.coxswain.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The list of what is accepted and does nothing: whoever makes one of these fields work takes its
/// mark away, and whoever adds a field that nothing reads marks it. Updated by
/// `-Dcoxswain.golden=update`.
class NoEffectTest {

  private static final Path GOLDEN = Path.of("src/test/resources/io/coxswain/schema/no-effect.txt");

  private static List<FieldSchema> marked() {
    List<FieldSchema> marked = new ArrayList<>();
    for (FileDescriptor file : ApiFiles.ALL) {
      for (Descriptor message : file.getMessageTypes()) {
        MessageSchema.of(message).fields().stream()
            .filter(FieldSchema::noEffect)
            .forEach(marked::add);
      }
    }
    return marked;
  }

  @Test
  void theListIsTheOneThatIsKnown() throws IOException {
    List<String> names =
        marked().stream()
            .map(field ->
                field.descriptor().getFullName().replace("coxswain.api.", "")
                    + (field.neutralJson().isEmpty() ? "" : " but for " + field.neutralJson()))
            .sorted()
            .toList();
    if ("update".equals(System.getProperty("coxswain.golden"))) {
      Files.write(GOLDEN, names);
    }
    assertThat(names).isEqualTo(Files.readAllLines(GOLDEN));
  }

  @Test
  void neutralValuesAreOfTheirFields() {
    assertThat(marked())
        .filteredOn(field -> !field.neutralJson().isEmpty())
        .isNotEmpty()
        .allSatisfy(field -> {
          assertThat(field.isList() || field.isMap() || field.holdsMessages()).isFalse();
          if (!field.enumValues().isEmpty()) {
            assertThat(field.enumValues())
                .contains(field.neutralJson().substring(1, field.neutralJson().length() - 1));
          }
        });
  }

  @Test
  void onlyFieldsWithoutEffectHaveANeutralValue() {
    for (FileDescriptor file : ApiFiles.ALL) {
      for (Descriptor message : file.getMessageTypes()) {
        assertThat(MessageSchema.of(message).fields())
            .filteredOn(field -> !field.neutralJson().isEmpty())
            .allMatch(FieldSchema::noEffect);
      }
    }
  }
}
