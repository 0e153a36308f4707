package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.storage.EtcdOptions;
import io.coxswain.controlplane.storage.EtcdServer;
import io.coxswain.controlplane.storage.EtcdStore;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.controlplane.storage.Write;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// What lies in etcd of a Secret, and what becomes of one that somebody changed there.
@EnabledIf("io.coxswain.controlplane.storage.EtcdServer#installed")
class SecretsAtRestTest {

  private static final String SECRETS = "/api/v1/namespaces/default/secrets";
  private static final String PLACE = "/registry/secrets/default/";

  @TempDir Path folder;
  private EtcdServer etcd;
  private EtcdStore raw;
  private TestPlane plane;

  @BeforeEach
  void start() throws Exception {
    etcd = EtcdServer.start();
    EtcdOptions options = etcd.options();
    raw = new EtcdStore(options, new SimpleMeterRegistry());
    ControlPlaneOptions memory = ControlPlaneOptions.inMemory(folder);
    plane =
        TestPlane.start(
            new ControlPlaneOptions(
                folder,
                Optional.of(options),
                memory.restAddresses(),
                memory.localSocket(),
                memory.grpcAddresses(),
                memory.advertiseAddresses(),
                memory.serviceRange(),
                memory.podRange(),
                memory.nodeMonitorGrace(),
                memory.encryption(),
                false,
                memory.serving()));
  }

  @AfterEach
  void stop() {
    plane.close();
    raw.close();
    etcd.close();
  }

  private void create(String name) throws Exception {
    String body =
        """
        {"metadata":{"name":"%s"},"stringData":{"password":"hunter2-hunter2"}}\
        """
            .formatted(name);
    assertThat(plane.post(SECRETS, body).statusCode()).isEqualTo(201);
  }

  private StoredValue stored(String name) {
    return raw.find(PLACE + name).orElseThrow();
  }

  @Test
  void etcdNeverSeesASecret() throws Exception {
    create("a");
    assertThat(stored("a").bytes().toStringUtf8())
        .startsWith("k8s:enc:aesgcm:v1:key1:")
        .doesNotContain("hunter2")
        .doesNotContain("password");
    assertThat(plane.get(SECRETS + "/a").body()).contains("aHVudGVyMi1odW50ZXIy");
  }

  @Test
  void aSecretThatWasPlainIsReadAndEncryptedWhenItIsWritten() throws Exception {
    create("a");
    // What Kubernetes stored before somebody configured encryption.
    ByteString plain =
        ByteString.copyFrom(
            plane
                .admin()
                .send(
                    plane
                        .request(SECRETS + "/a")
                        .header("accept", "application/vnd.kubernetes.protobuf")
                        .build(),
                    HttpResponse.BodyHandlers.ofByteArray())
                .body());
    var _ = raw.write(new Write.Replace(PLACE + "a", plain, stored("a").revision()));
    HttpResponse<String> read = plane.get(SECRETS + "/a");
    assertThat(read.statusCode()).isEqualTo(200);
    assertThat(stored("a").bytes().startsWith(ByteString.copyFromUtf8("k8s\0"))).isTrue();

    HttpRequest.Builder same =
        plane
            .request(SECRETS + "/a")
            .header("content-type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString(read.body()));
    assertThat(plane.send(same).statusCode()).isEqualTo(200);
    assertThat(stored("a").bytes().toStringUtf8()).startsWith("k8s:enc:aesgcm:v1:key1:");
  }

  @Test
  void aSecretThatWasChangedInEtcdIsNamedAndOthersAreRead() throws Exception {
    create("good");
    create("bad");
    StoredValue before = stored("bad");
    byte[] changed = before.bytes().toByteArray();
    changed[changed.length - 1] ^= 1;
    var _ =
        raw.write(new Write.Replace(before.key(), ByteString.copyFrom(changed), before.revision()));

    for (String path : new String[] {SECRETS + "/bad", SECRETS}) {
      HttpResponse<String> refused = plane.get(path);
      assertThat(refused.statusCode()).as(path + refused.body()).isEqualTo(500);
      assertThat(refused.body())
          .contains("unable to transform key \\\"/registry/secrets/default/bad\\\"")
          .contains("it was changed in the store");
    }
    assertThat(plane.get(SECRETS + "/good").statusCode()).isEqualTo(200);
    assertThat(plane.get("/api/v1/namespaces/default/configmaps").statusCode()).isEqualTo(200);
  }
}
