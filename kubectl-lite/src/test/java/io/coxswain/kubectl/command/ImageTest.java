package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import java.io.IOException;
import java.nio.file.Files;
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
}
