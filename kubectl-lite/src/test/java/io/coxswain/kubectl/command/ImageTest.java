package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImageTest extends AgainstFakeServer {

  private static final String LOADED = "{\"images\": [{\"name\": \"docker.io/library/shop:1\"}]}";

  private static String node(String name, String ready) {
    return "{\"metadata\": {\"name\": \""
        + name
        + "\"}, \"status\": {\"conditions\": [{\"type\": \"Ready\", \"status\": \""
        + ready
        + "\"}]}}";
  }

  private static String load(String node) {
    return "POST /api/v1/nodes/" + node + "/proxy/images/load";
  }

  @BeforeEach
  void nodes() throws IOException {
    Files.writeString(folder.resolve("shop.tar"), "an archive");
    server.on(
        "GET /api/v1/nodes",
        "{\"items\": [%s, %s, %s]}"
            .formatted(node("n1", "True"), node("n2", "False"), node("n3", "True")));
    server.on(load("n1"), LOADED);
    server.on(load("n3"), LOADED);
  }

  @Test
  void anArchiveGoesToAllNodesThatAreReady() {
    CommandLine.Ran ran = run("image load " + folder.resolve("shop.tar"));

    assertThat(ran.out())
        .isEqualTo(
            """
            docker.io/library/shop:1 loaded on node n1
            docker.io/library/shop:1 loaded on node n3
            """);
    assertThat(ran.err()).isEqualTo("warning: node n2 is not ready: left out\n");
    assertThat(ran.code()).isZero();
    assertThat(server.asked("POST")).extracting(FakeServer.Asked::body).containsOnly("an archive");
  }

  @Test
  void orToThoseThatAreNamedUnderTheNameThatIsGiven() {
    server.on(load("n3") + "?name=shop%3A2", LOADED);
    CommandLine.Ran ran = run("image load --node=n3 --name shop:2 " + folder.resolve("shop.tar"));

    assertThat(ran.code()).isZero();
    assertThat(server.asked("POST"))
        .extracting(FakeServer.Asked::uri)
        .containsExactly("/api/v1/nodes/n3/proxy/images/load?name=shop%3A2");
  }

  @Test
  void aNodeThatRefusesDoesNotKeepTheOthersFromIt() {
    server.on(load("n9"), 400, "{\"kind\": \"Status\", \"message\": \"the archive is damaged\"}");
    CommandLine.Ran ran = run("image load --node=n9 --node=n3 " + folder.resolve("shop.tar"));

    assertThat(ran.err()).contains("error: shop.tar on node n9: the archive is damaged\n");
    assertThat(ran.out()).isEqualTo("docker.io/library/shop:1 loaded on node n3\n");
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void mistakesAreTold() {
    assertThat(run("image load").err()).contains("needs the file of an archive");
    assertThat(run("image load nothing.tar").err())
        .contains("the file \"nothing.tar\" does not exist");
    assertThat(run("image laod x").err()).contains("Did you mean this?\n\tload");
  }

  private static String save(String node) {
    return "GET /api/v1/nodes/" + node + "/proxy/images/save";
  }

  private static String missing(String image) {
    return "{\"kind\": \"Status\", \"reason\": \"NotFound\", \"message\": \"image "
        + image
        + " is not on this node\"}";
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !name.equals(".cache"))
          .sorted()
          .toList();
    }
  }

  @Test
  void anArchiveComesFromTheFirstReadyNodeThatHasAll() throws IOException {
    server.on(save("n1"), 404, missing("web:2"));
    server.on(save("n3") + "?name=shop%3A1&name=web%3A2", "an archive");
    Path file = folder.resolve("out.tar");
    Files.writeString(file, "an older one");
    CommandLine.Ran ran = run("image save shop:1 web:2 -o " + file);

    assertThat(ran.err()).isEqualTo("saved from node n3\n");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(file).hasContent("an archive");
    assertThat(files()).containsExactly("config", "out.tar", "shop.tar");
  }

  @Test
  void whoTellsOfTheImagesIsAskedFirst() {
    server.on(save("n1"), "from n1");
    server.on(save("n9"), "from n9");
    server.on(
        "GET /api/v1/nodes",
        "{\"items\": [%s, %s]}"
            .formatted(
                node("n1", "True"),
                node("n9", "True")
                    .replace(
                        "\"status\": {",
                        "\"status\": {\"images\": [{\"names\":"
                            + " [\"docker.io/library/shop:latest\"]}], ")));
    assertThat(run("image save web:1").out()).isEqualTo("from n1"); // the nodes of before, once
    assertThat(run("image save shop").out()).isEqualTo("from n9");
  }

  @Test
  void itGoesToStandardOutputButToNoTerminal() {
    server.on(save("n3"), "an archive");
    CommandLine.Ran ran = run("image save shop:1 --node n3");
    assertThat(ran.out()).isEqualTo("an archive");
    assertThat(ran.code()).isZero();

    CommandLine.Ran shown = commands.onTerminal("image", "save", "shop:1", "--node=n3");
    assertThat(shown.out()).isEmpty();
    assertThat(shown.err()).contains("an archive is not for a terminal: name a file by -o");
    assertThat(shown.code()).isEqualTo(1);
    Path file = folder.resolve("out.tar");
    assertThat(commands.onTerminal("image", "save", "shop:1", "--node=n3", "-o", file.toString()))
        .extracting(CommandLine.Ran::code)
        .isEqualTo(0);
    assertThat(file).hasContent("an archive");
  }

  @Test
  void ofAnArchiveThatBreaksOffNothingIsLeft() throws IOException {
    server.cut(save("n3"), "an arch");
    Path file = folder.resolve("out.tar");
    CommandLine.Ran fresh = run("image save shop:1 --node=n3 -o " + file);
    assertThat(fresh.err()).contains("error: the archive from node n3 was not saved as a whole: ");
    assertThat(fresh.code()).isEqualTo(1);
    assertThat(files()).containsExactly("config", "shop.tar");

    Files.writeString(file, "an older one");
    assertThat(run("image save shop:1 --node=n3 -o " + file).code()).isEqualTo(1);
    assertThat(file).hasContent("an older one");
    assertThat(files()).containsExactly("config", "out.tar", "shop.tar");

    CommandLine.Ran piped = run("image save shop:1 --node=n3");
    assertThat(piped.err()).contains("not saved as a whole");
    assertThat(piped.code()).isEqualTo(1);
  }

  @Test
  void whyNothingIsSavedIsTold() throws IOException {
    server.on(save("n1"), 404, missing("shop:1"));
    server.on(save("n3"), 503, "{\"kind\": \"Status\", \"message\": \"it is not connected\"}");
    CommandLine.Ran nowhere = run("image save shop:1 -o out.tar");
    assertThat(nowhere.err())
        .isEqualTo(
            """
            error: no node has shop:1
            node n2 is not ready
            node n1: image shop:1 is not on this node
            node n3: it is not connected
            """);
    assertThat(nowhere.code()).isEqualTo(1);
    assertThat(run("image save shop:1 --node=n1").err())
        .contains("error: node n1: image shop:1 is not on this node\n")
        .contains("kubectl-lite get node n1 -o jsonpath=");
    assertThat(run("image save shop:1 --node=n3").err())
        .isEqualTo("error: node n3: it is not connected\n");
    assertThat(run("image save").err()).contains("needs the name of an image");
    assertThat(run("image save host:///").err()).contains("host:/// is a node's own files");
    assertThat(run("image save shop:1 -o /dev/null").err()).contains("\"/dev/null\" is no file");
    assertThat(run("image save shop:1 -o " + folder).err()).contains("is no file");
    assertThat(run("image save shop:1 -o " + folder.resolve("none/out.tar")).err())
        .contains("the folder of")
        .contains("does not exist");
    assertThat(files()).containsExactly("config", "shop.tar");
  }

  @Test
  void namesAreCompleted() {
    assertThat(run("__complete -- image ").out()).isEqualTo("load\nsave\n");
    assertThat(run("__complete -- image save --node n").out()).contains("n1\n", "n3\n");
    assertThat(run("__complete -- image save -o s").out()).isEmpty();
  }

  @Test
  void imagesOfNodesAreCompleted() {
    String told = "\"status\": {\"images\": [{\"names\": [\"reg/a:1\", \"reg/a@sha256:0\"]}], ";
    server.on(
        "GET /api/v1/nodes",
        "{\"items\": [%s]}".formatted(node("n1", "True").replace("\"status\": {", told)));
    assertThat(run("image save x").code()).isEqualTo(1); // the nodes of before, once
    assertThat(run("__complete -- image save r").out()).isEqualTo("reg/a:1\n");
  }
}
