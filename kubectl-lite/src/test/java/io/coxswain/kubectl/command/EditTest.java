package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The editor is a shell script.
class EditTest extends AgainstFakeServer {

  private static final String MAP = "/api/v1/namespaces/default/configmaps/c";
  private static final String OBJECT =
      """
      {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default",
       "managedFields": [{"manager": "m"}]}, "data": {"a": "1", "b": "2"}}
      """;

  @BeforeEach
  void object() {
    server.on("GET " + MAP, OBJECT);
  }

  private CommandLine.Ran edit(String script) {
    return commands.with("EDITOR", script).run("edit", "cm", "c");
  }

  private FakeServer.Asked patch() {
    return server.asked("PATCH").getFirst();
  }

  @Test
  void onlyWhatWasChangedIsSent() {
    server.on("PATCH " + MAP, OBJECT);

    assertThat(edit("sed -i -e 's/a: \"1\"/a: \"3\"/' -e '/b: /d'").out())
        .isEqualTo("configmap/c edited\n");
    assertThat(patch().body()).isEqualTo("{\"data\":{\"a\":\"3\",\"b\":null}}");
    assertThat(patch().uri()).contains("fieldManager=kubectl-edit");
  }

  @Test
  void theEditorShowsTheObjectBelowAnExplanation() throws Exception {
    Path seen = folder.resolve("seen");

    assertThat(edit("f() { cp \"$1\" " + seen + "; }; f").code()).isZero();
    assertThat(Files.readString(seen))
        .startsWith("# Please edit the object below. Lines beginning with a '#' will be ignored,\n")
        .endsWith(
            "#\napiVersion: v1\ndata:\n  a: \"1\"\n  b: \"2\"\nkind: ConfigMap\nmetadata:\n"
                + "  name: c\n  namespace: default\n");
  }

  @Test
  void nothingIsSentOfAnUnchangedOrEmptyFile() {
    assertThat(edit("true").err()).isEqualTo("Edit cancelled, no changes made.\n");
    assertThat(edit("truncate -s 0").err()).isEqualTo("Edit cancelled, saved file was empty.\n");
    assertThat(server.asked("PATCH")).isEmpty();
  }

  @Test
  void whatIsRefusedIsOpenedAgainWithTheReasons() throws Exception {
    server.on("PATCH " + MAP, 422, invalid("Invalid")).on("PATCH " + MAP, OBJECT);
    Path script =
        Files.writeString(
            folder.resolve("editor"),
            """
            if grep -q '# ConfigMap "c" is invalid: data.a: bad' "$1"; then
              sed -i 's/a: "bad"/a: "good"/' "$1"
            else
              sed -i 's/a: "1"/a: "bad"/' "$1"
            fi
            """);

    CommandLine.Ran ran = edit("sh " + script);

    assertThat(ran.out()).isEqualTo("configmap/c edited\n");
    assertThat(server.asked("PATCH")).hasSize(2);
    assertThat(server.asked("PATCH").getLast().body()).isEqualTo("{\"data\":{\"a\":\"good\"}}");
  }

  @Test
  void whatIsLeftInvalidIsKept() throws Exception {
    server.on("PATCH " + MAP, 422, invalid("Invalid"));

    CommandLine.Ran ran = edit("sed -i 's/a: \"1\"/a: \"bad\"/'");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("Edit cancelled, no valid changes were saved.");
    Path kept = Path.of(ran.err().replaceAll("(?s).*kept in \"([^\"]*)\".*", "$1"));
    assertThat(Files.readString(kept)).contains("a: \"bad\"", "# ConfigMap \"c\" is invalid");
    Files.delete(kept);
  }

  @Test
  void anotherNameIsNoChange() {
    CommandLine.Ran ran = edit("sed -i -e 's/name: c$/name: d/'");

    assertThat(ran.err()).contains("At least one of apiVersion, kind and name was changed");
    assertThat(server.asked("PATCH")).isEmpty();
  }

  @Test
  void anEditorThatFailsIsNamed() {
    assertThat(edit("false").err())
        .isEqualTo(
            "error: there was a problem with the editor \"false\": it ended with 1. Name another"
                + " one in EDITOR.\n");
  }

  private static String invalid(String reason) {
    return """
    {"kind": "Status", "status": "Failure", "reason": "%s", "code": 422,
     "message": "ConfigMap \\"c\\" is invalid: data.a: bad"}
    """
        .formatted(reason);
  }
}
