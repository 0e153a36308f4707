package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Somebody who may edit one namespace wants more, by requests that have given more to others
/// elsewhere. `docs/attacks.md` lists them by advisory.
class TenantAttacksTest {

  private static final String OWN = "/api/v1/namespaces/tenant/";
  private static final String SECRET = "of another namespace";

  @TempDir static Path folder;
  private static TestPlane api;
  private static HttpClient mallory;

  @BeforeAll
  static void start() throws Exception {
    api = TestPlane.startWithControllers(folder);
    mallory = api.client(api.plane.pki().client("mallory", "mallory", "people"));
    for (String namespace : new String[] {"tenant", "other"}) {
      var _ =
          api.made(
              "/api/v1/namespaces",
              """
              {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s",
               "labels":{"pod-security.kubernetes.io/enforce":"baseline"}}}
              """
                  .formatted(namespace));
    }
    var _ =
        api.made(
            "/api/v1/namespaces/other/secrets",
            """
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"k":"%s"}}
            """
                .formatted(SECRET));
    var _ =
        api.made(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/tenant/rolebindings",
            """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"edit"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"},
             "subjects":[{"kind":"User","name":"mallory"}]}
            """);
    // what edit does not give: to look into pods by containers that are added
    var _ =
        api.made(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/tenant/roles",
            """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"debug"},
             "rules":[{"apiGroups":[""],"resources":["pods/ephemeralcontainers"],"verbs":["patch"]}]}
            """);
    var _ =
        api.made(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/tenant/rolebindings",
            """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"debug"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"debug"},
             "subjects":[{"kind":"User","name":"mallory"}]}
            """);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          assertThat(ask("GET", OWN + "pods", "").statusCode()).isEqualTo(200);
          assertThat(api.get(OWN + "serviceaccounts/default").statusCode()).isEqualTo(200);
        });
    assertThat(ask("POST", OWN + "pods", pod("peaceful", "", "", "")).statusCode()).isEqualTo(201);
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static HttpResponse<String> ask(String method, String path, String body)
      throws Exception {
    return mallory.send(
        api.request(path)
            .header(
                "content-type",
                method.equals("PATCH")
                    ? "application/strategic-merge-patch+json"
                    : "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static String pod(String name, String spec, String container, String mount) {
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"},
     "spec":{%s "volumes":[{"name":"v","emptyDir":{}}],
      "containers":[{"name":"c","image":"i"%s, "volumeMounts":[{"name":"v","mountPath":"/v"%s}]}]}}
    """
        .formatted(name, spec, container, mount);
  }

  /// @param name with the advisory, if there is one
  /// @param code of the refusal
  /// @param says part of it
  record Attack(String name, String method, String path, String body, int code, String says) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Attack makes(String name, String body, int code, String says) {
    return new Attack(name, "POST", OWN + "pods", body, code, says);
  }

  static Stream<Attack> attacks() {
    String ephemeral = OWN + "pods/peaceful/ephemeralcontainers";
    return Stream.of(
        makes(
            "a pod's name leads out of its folder",
            pod("../../x", "", "", ""),
            422,
            "metadata.name"),
        makes(
            "a container's name leads out of its folder",
            pod("x", "", "", "").replace("\"name\":\"c\"", "\"name\":\"../../c\""),
            422,
            "containers[0].name"),
        makes(
            "CVE-2023-5528, CVE-2023-3676: a volume's name is a command",
            pod("x", "", "", "").replace("\"v\"", "\"$(reboot)\""),
            422,
            "volumes[0].name"),
        makes(
            "CVE-2017-1002101: a part of a volume above it",
            pod("x", "", "", ",\"subPath\":\"a/../../b\""),
            422,
            "subPath"),
        makes(
            "CVE-2017-1002101: an absolute part",
            pod("x", "", "", ",\"subPath\":\"/etc\""),
            422,
            "subPath"),
        makes(
            "CVE-2024-10220, CVE-2025-1767: a path of the node by another kind of volume",
            pod("x", "", "", "")
                .replace(
                    "{\"name\":\"v\",\"emptyDir\":{}}",
                    "{\"name\":\"v\",\"hostPath\":{\"path\":\"/\"}}"),
            403,
            "hostPath"),
        makes(
            "mounts that spread to the node",
            pod("x", "", "", ",\"mountPropagation\":\"Bidirectional\""),
            422,
            "mountPropagation"),
        makes(
            "CVE-2022-0492: a privileged container",
            pod("x", "", ",\"securityContext\":{\"privileged\":true}", ""),
            403,
            "privileged"),
        makes(
            "CVE-2020-15257: the node's network",
            pod("x", "\"hostNetwork\":true,", "", ""),
            403,
            "host"),
        makes("the node's processes", pod("x", "\"hostPID\":true,", "", ""), 403, "host"),
        makes(
            "CVE-2022-0811: a parameter of the node's kernel",
            pod(
                "x",
                "\"securityContext\":{\"sysctls\":[{\"name\":\"kernel.core_pattern\",\"value\":\"|/x\"}]},",
                "",
                ""),
            403,
            "sysctls"),
        makes(
            "CVE-2022-0811: a parameter's name leads to another",
            pod(
                "x",
                "\"securityContext\":{\"sysctls\":[{\"name\":\"net/../kernel/core_pattern\",\"value\":\"|/x\"}]},",
                "",
                ""),
            422,
            "sysctls[0].name"),
        makes(
            "CVE-2023-2431: a profile of system calls without a name",
            pod("x", "", ",\"securityContext\":{\"seccompProfile\":{\"type\":\"Localhost\"}}", ""),
            422,
            "localhostProfile"),
        makes(
            "a profile of system calls that leads out of its folder",
            pod(
                "x",
                "",
                ",\"securityContext\":{\"seccompProfile\":{\"type\":\"Localhost\",\"localhostProfile\":\"../../x\"}}",
                ""),
            422,
            "localhostProfile"),
        makes(
            "CVE-2024-40635: a pod names a user of which 32 bits are root's",
            pod("x", "", ",\"securityContext\":{\"runAsUser\":4294967296}", ""),
            422,
            "runAsUser"),
        new Attack(
            "CVE-2023-2727: a container that is added later is privileged",
            "PATCH",
            ephemeral,
            "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"e\",\"image\":\"i\",\"securityContext\":{\"privileged\":true}}]}}",
            403,
            "privileged"),
        new Attack(
            "CVE-2023-2728: a container that is added later names a secret as a file",
            "PATCH",
            ephemeral,
            "{\"spec\":{\"volumes\":[{\"name\":\"s\",\"secret\":{\"secretName\":\"s\"}}],\"ephemeralContainers\":[{\"name\":\"e\",\"image\":\"i\",\"volumeMounts\":[{\"name\":\"s\",\"mountPath\":\"/s\"}]}]}}",
            422,
            "volumeMounts"),
        new Attack(
            "CVE-2021-25740: endpoints at pods of another namespace",
            "POST",
            OWN + "endpoints",
            "{\"apiVersion\":\"v1\",\"kind\":\"Endpoints\",\"metadata\":{\"name\":\"e\"}}",
            403,
            "endpoints"),
        new Attack(
            "CVE-2021-25740: the same by slices",
            "POST",
            "/apis/discovery.k8s.io/v1/namespaces/tenant/endpointslices",
            "{\"apiVersion\":\"discovery.k8s.io/v1\",\"kind\":\"EndpointSlice\",\"metadata\":{\"name\":\"e\"}}",
            403,
            "endpointslices"),
        new Attack(
            "CVE-2022-3162: a path that leads to another kind",
            "GET",
            OWN + "configmaps/..%2F..%2Fsecrets%2Fother%2Fs",
            "",
            404,
            ""),
        new Attack(
            "CVE-2019-11247: what is of the cluster by way of a namespace",
            "GET",
            OWN + "nodes",
            "",
            403,
            ""),
        new Attack(
            "secrets of others", "GET", "/api/v1/namespaces/other/secrets/s", "", 403, "secrets"),
        new Attack("secrets of all", "GET", "/api/v1/secrets", "", 403, "secrets"),
        new Attack(
            "CVE-2022-3294, CVE-2020-8562: a node as a way to the server's own machine",
            "GET",
            "/api/v1/nodes/n/proxy/pods",
            "",
            403,
            "nodes/proxy"),
        new Attack(
            "CVE-2019-11248: what a server knows of itself",
            "GET",
            "/debug/pprof/heap",
            "",
            403,
            ""),
        new Attack("figures of the server", "GET", "/metrics", "", 403, ""),
        new Attack(
            "rights of others given to oneself",
            "POST",
            "/apis/rbac.authorization.k8s.io/v1/namespaces/tenant/rolebindings",
            "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"RoleBinding\",\"metadata\":{\"name\":\"x\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"cluster-admin\"},\"subjects\":[{\"kind\":\"User\",\"name\":\"mallory\"}]}",
            403,
            "rolebindings"),
        new Attack(
            "the standard of one's own namespace loosened",
            "PATCH",
            "/api/v1/namespaces/tenant",
            "{\"metadata\":{\"labels\":{\"pod-security.kubernetes.io/enforce\":\"privileged\"}}}",
            403,
            "namespaces"),
        new Attack(
            "CVE-2021-25735: a node changed without being asked",
            "PATCH",
            "/api/v1/nodes/n",
            "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}",
            403,
            "nodes"),
        new Attack(
            "a pod put on a node past the scheduler",
            "POST",
            OWN + "pods/peaceful/binding",
            "{\"apiVersion\":\"v1\",\"kind\":\"Binding\",\"metadata\":{\"name\":\"peaceful\"},\"target\":{\"kind\":\"Node\",\"name\":\"n\"}}",
            403,
            "pods/binding"),
        new Attack(
            "CVE-2020-8554: an address of the loopback for a service",
            "POST",
            OWN + "services",
            "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"x\"},\"spec\":{\"ports\":[{\"port\":443}],\"externalIPs\":[\"127.0.0.1\"]}}",
            422,
            "externalIPs"),
        new Attack(
            "CVE-2020-8554: the status of a service says where it is",
            "PATCH",
            OWN + "services/x/status",
            "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"10.96.0.1\"}]}}}",
            403,
            "services/status"));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void isRefused(Attack attack) throws Exception {
    HttpResponse<String> answer = ask(attack.method(), attack.path(), attack.body());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(attack.code());
    assertThat(answer.body()).contains(attack.says()).doesNotContain(SECRET);
  }

  /// CVE-2018-1002105: what follows a refused upgrade on its connection is judged as any request.
  @Test
  void aRefusedUpgradeOpensNothing() throws Exception {
    String[] refused = {
      "/api/v1/namespaces/other/pods/x/exec?command=id",
      "/api/v1/namespaces/tenant/pods/peaceful/exec?command=id",
      "/apis/metrics.k8s.io/v1beta1/nodes"
    };
    for (String path : refused) {
      try (SSLSocket socket = socket()) {
        OutputStream out = socket.getOutputStream();
        String upgrade =
            "GET %s HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                .formatted(path);
        String behind =
            "GET /api/v1/namespaces/other/secrets/s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        out.write((upgrade + behind).getBytes(StandardCharsets.US_ASCII));
        out.flush();
        String answers = read(socket.getInputStream());
        assertThat(answers)
            .startsWith("HTTP/1.1 4")
            .doesNotContain(SECRET, "HTTP/1.1 101", "HTTP/1.1 200");
      }
    }
  }

  private static SSLSocket socket() throws Exception {
    int port = URI.create(api.plane.url()).getPort();
    SSLSocket socket =
        (SSLSocket)
            api.tls(api.plane.pki().client("mallory", "mallory", "people"))
                .getSocketFactory()
                .createSocket("127.0.0.1", port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static String read(InputStream in) {
    StringBuilder all = new StringBuilder();
    byte[] buffer = new byte[8192];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        all.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      // cut off, which is an answer, too
    }
    return all.toString();
  }
}
