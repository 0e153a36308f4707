package io.coxswain.controlplane;

import io.coxswain.api.core.v1.ServiceAccount;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Tls;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A control plane in memory on free ports, and clients of it.
public final class TestPlane implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();

  public final ControlPlane plane;
  private final HttpClient admin;

  private TestPlane(ControlPlane plane) throws Exception {
    this.plane = plane;
    this.admin = client(plane.pki().client("admin", "kubernetes-admin", User.MASTERS));
  }

  /// Without controllers: nothing changes but by the test. In `default` pods can be made.
  public static TestPlane start(Path folder) throws Exception {
    return start(ControlPlaneOptions.inMemory(folder));
  }

  /// As [#start(Path)], with options.
  public static TestPlane start(ControlPlaneOptions options) throws Exception {
    TestPlane test =
        new TestPlane(
            ControlPlane.start(
                options.withoutControllers(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
    test.account("default", "default");
    return test;
  }

  /// Makes a service account, which pods need.
  public void account(String namespace, String name) {
    var _ =
        plane
            .localClient(User.ADMINISTRATOR)
            .resources(ServiceAccount.class)
            .create(
                ServiceAccount.newBuilder()
                    .setMetadata(ObjectMeta.newBuilder().setNamespace(namespace).setName(name))
                    .build());
  }

  /// With all controllers.
  public static TestPlane startWithControllers(Path folder) throws Exception {
    return new TestPlane(
        ControlPlane.start(
            ControlPlaneOptions.inMemory(folder),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
  }

  /// A client that shows this certificate.
  public HttpClient client(Credentials who) throws GeneralSecurityException {
    return builder(new KeyManager[] {new Tls.RotatingKey(who)}).build();
  }

  public HttpClient stranger() throws GeneralSecurityException {
    return builder(new KeyManager[0]).build();
  }

  public SSLContext tls(Credentials who) throws GeneralSecurityException {
    return context(new KeyManager[] {new Tls.RotatingKey(who)});
  }

  public SSLContext adminTls() throws GeneralSecurityException, IOException {
    return tls(plane.pki().client("admin", "kubernetes-admin", User.MASTERS));
  }

  private HttpClient.Builder builder(KeyManager[] keys) throws GeneralSecurityException {
    return HttpClient.newBuilder().sslContext(context(keys)).connectTimeout(Duration.ofSeconds(10));
  }

  private SSLContext context(KeyManager[] keys) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, new TrustManager[] {Tls.trusting(plane.pki().authority())}, null);
    return context;
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(plane.url() + path)).timeout(Duration.ofSeconds(20));
  }

  public HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return admin.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  public HttpClient admin() {
    return admin;
  }

  public HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path));
  }

  public HttpResponse<String> post(String path, String json)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  /// @param body nothing is sent where it is empty
  public HttpResponse<String> send(String method, String path, String type, String body)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .header("content-type", type)
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body)));
  }

  public HttpResponse<String> merge(String path, String patch)
      throws IOException, InterruptedException {
    return send("PATCH", path, "application/merge-patch+json", patch);
  }

  public HttpResponse<String> put(String path, String json)
      throws IOException, InterruptedException {
    return send("PUT", path, "application/json", json);
  }

  public HttpResponse<String> delete(String path) throws IOException, InterruptedException {
    return send("DELETE", path, "application/json", "");
  }

  /// What was made: anything but that is a failure of the test.
  public JsonNode made(String path, String json) throws IOException, InterruptedException {
    return successful(201, post(path, json));
  }

  /// What is there: anything but that is a failure of the test.
  public JsonNode read(String path) throws IOException, InterruptedException {
    return successful(200, get(path));
  }

  /// The body of an answer that has to have this status.
  public static JsonNode successful(int status, HttpResponse<String> answer) {
    if (answer.statusCode() != status) {
      throw new AssertionError(answer.request().uri() + ": " + answer + " " + answer.body());
    }
    return json(answer);
  }

  public static JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  @Override
  public void close() {
    admin.shutdownNow();
    plane.close();
  }
}
