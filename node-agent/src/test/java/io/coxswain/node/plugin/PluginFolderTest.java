package io.coxswain.node.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.plugin.registration.InfoRequest;
import io.coxswain.plugin.registration.PluginInfo;
import io.coxswain.plugin.registration.RegistrationGrpc;
import io.coxswain.plugin.registration.RegistrationStatus;
import io.coxswain.plugin.registration.RegistrationStatusResponse;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Plugins that come and go in a folder, by real sockets.
class PluginFolderTest {

  @TempDir Path folder;
  private final UnixSockets sockets = new UnixSockets();
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private PluginFolder plugins;

  @BeforeEach
  void start() throws IOException {
    plugins = new PluginFolder(folder, sockets, List.of(new Kind()));
    Server early = plugin("early.sock", "ThingPlugin", "early", "");
    plugins.start();
    await().untilAsserted(() -> assertThat(told).containsExactly("early true "));
    early.shutdownNow();
    Files.deleteIfExists(folder.resolve("early.sock"));
    await().until(() -> done.contains("- early"));
    done.clear();
    told.clear();
  }

  @AfterEach
  void end() {
    plugins.close();
    sockets.close();
  }

  private final class Kind implements PluginKind {
    @Override
    public String type() {
      return "ThingPlugin";
    }

    @Override
    public void register(String name, Path endpoint, List<String> versions) throws IOException {
      if (!versions.contains("1.0.0")) {
        throw new IOException("versions " + versions + " are not spoken here");
      }
      done.add("+ " + name + " " + endpoint);
    }

    @Override
    public void deregister(String name, Path endpoint) {
      done.add("- " + name);
    }
  }

  private Server plugin(
      String socket, String type, String name, String endpoint, String... versions)
      throws IOException {
    return sockets.serve(
        folder.resolve(socket),
        new RegistrationGrpc.RegistrationImplBase() {
          @Override
          public void getInfo(InfoRequest request, StreamObserver<PluginInfo> answer) {
            PluginInfo.Builder info =
                PluginInfo.newBuilder().setType(type).setName(name).setEndpoint(endpoint);
            info.addAllSupportedVersions(
                versions.length == 0 ? List.of("1.0.0") : List.of(versions));
            answer.onNext(info.build());
            answer.onCompleted();
          }

          @Override
          public void notifyRegistrationStatus(
              RegistrationStatus status, StreamObserver<RegistrationStatusResponse> answer) {
            told.add(name + " " + status.getPluginRegistered() + " " + status.getError());
            if (name.equals("deaf")) {
              return;
            }
            answer.onNext(RegistrationStatusResponse.getDefaultInstance());
            answer.onCompleted();
          }
        });
  }

  @Test
  void aPluginIsThereWhileItsSocketIs() throws Exception {
    Files.createDirectories(folder.resolve("vendor"));
    Server server = plugin("vendor/one.sock", "ThingPlugin", "one", "/run/one/work.sock");
    await().untilAsserted(() -> assertThat(told).containsExactly("one true "));
    assertThat(done).containsExactly("+ one /run/one/work.sock");
    server.shutdownNow();
    Files.deleteIfExists(folder.resolve("vendor/one.sock"));
    await().untilAsserted(() -> assertThat(done).last().isEqualTo("- one"));
  }

  @Test
  void aSocketThatIsMadeAnewIsAnotherPlugin() throws Exception {
    Server first = plugin("one.sock", "ThingPlugin", "one", "");
    await().until(() -> told.size() == 1);
    first.shutdownNow();
    Server second = plugin("one.sock", "ThingPlugin", "two", "");
    await().until(() -> told.contains("two true "));
    assertThat(done)
        .containsExactly(
            "+ one " + folder.resolve("one.sock"), "- one", "+ two " + folder.resolve("one.sock"));
    second.shutdownNow();
  }

  @Test
  void aPluginThatEndsBeforeItKnowsIsGoneAsWell() throws Exception {
    Server server = plugin("deaf.sock", "ThingPlugin", "deaf", "");
    await().untilAsserted(() -> assertThat(told).containsExactly("deaf true "));
    assertThat(done).containsExactly("+ deaf " + folder.resolve("deaf.sock"));
    server.shutdownNow();
    Files.deleteIfExists(folder.resolve("deaf.sock"));
    await().untilAsserted(() -> assertThat(done).last().isEqualTo("- deaf"));
  }

  @Test
  void othersAreToldWhyNot() throws Exception {
    Server other = plugin("other.sock", "SomePlugin", "other", "");
    Server old = plugin("old.sock", "ThingPlugin", "old", "", "0.9.0");
    Files.createFile(folder.resolve("no-socket"));
    Server hidden = plugin(".hidden.sock", "ThingPlugin", "hidden", "");
    await()
        .untilAsserted(() ->
            assertThat(told)
                .contains(
                    "other false plugin registration failed with err: no handler registered for"
                        + " plugin type: SomePlugin",
                    "old false plugin registration failed with err: versions [0.9.0] are not spoken"
                        + " here"));
    assertThat(done).isEmpty();
    for (Server server : List.of(other, old, hidden)) {
      server.shutdownNow();
    }
  }
}
