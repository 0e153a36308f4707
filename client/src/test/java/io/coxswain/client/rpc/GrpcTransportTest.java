package io.coxswain.client.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Transport;
import io.coxswain.client.informer.Informer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // the contract's set-up calls transport() before each test
class GrpcTransportTest extends TransportContract {

  @TempDir Path folder;
  private TestAuthority authority;
  private ObjectsServer server;

  @Override
  protected Transport transport() throws Exception {
    authority = new TestAuthority(folder);
    server = new ObjectsServer(api, authority.issue("server"), 0);
    return connect(authority.issue("client"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anInformerSurvivesARestartOfTheServer() throws Exception {
    ConfigMap ignored = api.client().resources(ConfigMap.class).create(map("a"));
    try (ApiClient client = new TransportClient(connect(authority.issue("informer")));
        Informer<ConfigMap> informer =
            Informer.of(client.resources(ConfigMap.class), ListOptions.ALL)) {
      assertThat(informer.start().awaitSync(Duration.ofSeconds(10))).isTrue();
      int port = server.port();
      server.close();
      ignored = api.client().resources(ConfigMap.class).create(map("b"));
      assertThatThrownBy(() -> client.resources(ConfigMap.class).read("default", "a"))
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> assertThat(e.error()).isInstanceOf(ApiError.Unavailable.class));
      server = new ObjectsServer(api, authority.issue("server"), port);
      await()
          .atMost(Duration.ofSeconds(15))
          .untilAsserted(() -> assertThat(informer.find("default", "b")).isPresent());
    }
  }

  @Test
  void aCallerWithoutACertificateOfTheClusterIsTurnedAway() throws Exception {
    Path elsewhere = java.nio.file.Files.createDirectory(folder.resolve("elsewhere"));
    ClientIdentity stranger = new TestAuthority(elsewhere).issue("stranger");
    ClientIdentity trusting =
        new ClientIdentity(folder.resolve("ca.crt"), stranger.certificate(), stranger.key());
    try (ApiClient client = new TransportClient(connect(trusting))) {
      assertThatThrownBy(() -> client.resources(ConfigMap.class).read("default", "a"))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("cannot be reached");
    }
  }

  private Transport connect(ClientIdentity identity) throws Exception {
    return new GrpcTransport(GrpcConnection.open("127.0.0.1", server.port(), identity));
  }

  private static ConfigMap map(String name) {
    return ConfigMap.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName(name))
        .build();
  }
}
