package io.coxswain.kubectl.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeconfigFilesTest {

  @TempDir Path folder;

  private KubeconfigPlaces places(String... names) {
    List<String> paths = new ArrayList<>();
    for (String name : names) {
      paths.add(folder.resolve(name).toString());
    }
    return KubeconfigPlaces.of("", Map.of("KUBECONFIG", String.join(":", paths)));
  }

  private static void context(KubeconfigFiles files, String name, String namespace) {
    files.put(
        Section.CONTEXTS,
        name,
        Json.object().put("cluster", "").put("user", "").put("namespace", namespace));
  }

  @Test
  void aNewFileIsItsOwnersAlone() throws Exception {
    KubeconfigFiles.change(places("sub/config"), files -> context(files, "a", "n"));

    Path file = folder.resolve("sub/config");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(folder.resolve("sub")).isDirectoryNotContaining(each -> !each.equals(file));
  }

  @Test
  void anEntryIsChangedInTheFileThatHasIt() throws Exception {
    Files.writeString(folder.resolve("one"), "current-context: b\n");
    Files.writeString(
        folder.resolve("two"),
        "contexts:\n- {name: b, context: {namespace: old, extra: kept}}\nunknown: kept\n");

    KubeconfigFiles.change(
        places("one", "two"),
        files -> {
          files.put(
              Section.CONTEXTS,
              "b",
              files.find(Section.CONTEXTS, "b").orElseThrow().put("namespace", "new"));
          context(files, "c", "n");
        });

    assertThat(folder.resolve("two"))
        .content()
        .contains("namespace: new", "extra: kept", "unknown: kept")
        .doesNotContain("name: c");
    assertThat(folder.resolve("one")).content().contains("name: c", "current-context: b");
  }

  @Test
  void aLinkStaysOneAndRightsStayAsTheyWere() throws Exception {
    Path file = folder.resolve("real");
    Files.writeString(file, "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    Files.createSymbolicLink(folder.resolve("link"), file);

    KubeconfigFiles.change(places("link"), files -> files.currentContext("x"));

    assertThat(folder.resolve("link")).isSymbolicLink();
    assertThat(file).content().contains("current-context: x");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void changesByManyAtOnceAreAllKept() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String name = "context-" + i;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> KubeconfigFiles.change(places("f"), files -> context(files, name, "n"))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(KubeconfigFiles.load(places("f")).names(Section.CONTEXTS)).hasSize(8);
    assertThat(folder.resolve("f.lock")).doesNotExist();
  }

  @Test
  void whatFailsChangesNothingAndLeavesNoLock() throws Exception {
    Files.writeString(folder.resolve("f"), "current-context: a\n");

    assertThatThrownBy(() ->
            KubeconfigFiles.change(
                places("f"),
                files -> {
                  files.currentContext("b");
                  throw new Failure("error: no");
                }))
        .hasMessage("error: no");
    assertThat(folder.resolve("f")).hasContent("current-context: a");
    assertThat(folder.resolve("f.lock")).doesNotExist();
  }

  @Test
  void pathsBelowTheFilesFolderAreKeptRelative() throws Exception {
    KubeconfigFiles.change(
        places("f"),
        files ->
            files.put(
                Section.CLUSTERS,
                "c",
                Json.object()
                    .put("server", "https://x")
                    .put("certificate-authority", folder.resolve("pki/ca.crt").toString())));

    assertThat(folder.resolve("f")).content().contains("certificate-authority: pki/ca.crt");
    assertThat(
            Json.text(
                KubeconfigFiles.load(places("f")).find(Section.CLUSTERS, "c").orElseThrow(),
                "certificate-authority"))
        .isEqualTo(folder.resolve("pki/ca.crt").toString());
  }
}
