package io.coxswain.controlplane.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.meta.v1.FieldsV1;
import io.coxswain.api.meta.v1.ManagedFieldsEntry;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.api.runtime.Unknown;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.controlplane.TestPlane;
import io.coxswain.controlplane.hostile.HostileRequest.Framing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that the server once failed on, each by itself.
class FoundRequestsTest {

  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String PROTOBUF = "application/vnd.kubernetes.protobuf";

  @TempDir static Path folder;
  private static TestPlane plane;
  private static Target target;

  @BeforeAll
  static void start() throws Exception {
    plane = TestPlane.start(folder);
    target = new Target(plane.plane.restPort(), plane.plane.pki());
  }

  @AfterAll
  static void stop() {
    target.close();
    plane.close();
  }

  @SuppressWarnings("ArrayRecordComponent") // nobody compares rows
  record Found(
      String about, String method, String target, String type, byte[] body, int code, String says) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Found> found() throws Exception {
    byte[] nothing = new byte[0];
    String json = "application/json";
    return Stream.of(
        new Found(
            "malformed escape in the query",
            "GET",
            MAPS + "?labelSelector=%zz",
            json,
            nothing,
            400,
            "the query has a malformed escape"),
        new Found("limit below 0", "GET", MAPS + "?limit=-1", json, nothing, 200, "ConfigMapList"),
        new Found(
            "a watch beyond all time",
            "GET",
            MAPS + "?watch=1&resourceVersion=0&timeoutSeconds=9223372036854775807",
            json,
            nothing,
            200,
            ""),
        new Found(
            "options that are too deep",
            "DELETE",
            MAPS + "/none",
            json,
            "{\"a\":".repeat(5000).getBytes(StandardCharsets.UTF_8),
            400,
            "not valid JSON: Document nesting depth"),
        new Found(
            "protobuf with a part that is no JSON",
            "POST",
            MAPS,
            PROTOBUF,
            map(
                ObjectMeta.newBuilder()
                    .addManagedFields(
                        ManagedFieldsEntry.newBuilder()
                            .setFieldsV1(
                                FieldsV1.newBuilder().setRaw(ByteString.copyFromUtf8("nope"))))),
            400,
            "the protobuf body has no JSON form"),
        new Found(
            "protobuf with a time beyond all years",
            "POST",
            MAPS,
            PROTOBUF,
            map(
                ObjectMeta.newBuilder()
                    .setDeletionTimestamp(Time.newBuilder().setSeconds(Long.MAX_VALUE))),
            400,
            "the protobuf body has no JSON form"),
        new Found(
            "a webhook whose URL has no scheme",
            "POST",
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            json,
            """
            {"metadata":{"name":"w"},"webhooks":[{"name":"a.b.c","admissionReviewVersions":["v1"],
            "sideEffects":"None","clientConfig":{"url":"localhost/x"}}]}\
            """
                .getBytes(StandardCharsets.UTF_8),
            422,
            "'https' is the only allowed URL scheme"),
        new Found(
            "protobuf with groups within groups",
            "POST",
            MAPS,
            PROTOBUF,
            envelope(groups(5_000)),
            400,
            "the protobuf data is damaged"));
  }

  /// A field that is unknown, as groups within each other.
  private static byte[] groups(int depth) {
    byte[] groups = new byte[2 * depth];
    java.util.Arrays.fill(groups, 0, depth, (byte) ((15 << 3) | 3));
    java.util.Arrays.fill(groups, depth, 2 * depth, (byte) ((15 << 3) | 4));
    return groups;
  }

  private static byte[] envelope(byte[] object) throws Exception {
    Unknown unknown = Unknown.newBuilder().setRaw(ByteString.copyFrom(object)).build();
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    out.write(new byte[] {'k', '8', 's', 0});
    unknown.writeTo(out);
    return out.toByteArray();
  }

  /// Found by what it left behind: memory that was reserved for a request that was none.
  @ParameterizedTest
  @ValueSource(strings = {"GET /a b", "G\tT /a", " /a", "GET ", "GET /a\u007f"})
  void requestsThatAreNoneDoNotGetFar(String request) throws Exception {
    String[] parts = request.split(" ", 2);
    try (Http2Connection connection = new Http2Connection(target)) {
      for (int i = 0; i < 3; i++) {
        HostileRequest malformed =
            new HostileRequest(parts[0], parts[1], List.of(), new byte[0], Framing.LENGTH, false);
        Answer answer = connection.exchange(malformed);
        assertThat(answer.status()).isZero();
        assertThat(answer.header(Http2Connection.RESET)).as("PROTOCOL_ERROR").isEqualTo("1");
      }
      HostileRequest good =
          new HostileRequest("GET", "/version", List.of(), new byte[0], Framing.LENGTH, false);
      assertThat(connection.exchange(good).status()).isEqualTo(200);
    }
  }

  /// An expression that was no pattern for the library, in a policy that meets the object.
  @Test
  void patternsThatNestAreAnErrorOfTheirExpression() throws Exception {
    String policy =
        """
        {"metadata":{"name":"nests"},"spec":{"failurePolicy":"Fail","matchConstraints":
        {"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],
        "resources":["secrets"]}]},"validations":[
        {"expression":"object.metadata.name.matches(object.metadata.annotations['p'])"}]}}\
        """;
    String binding =
        """
        {"metadata":{"name":"nests"},"spec":{"policyName":"nests","validationActions":["Deny"]}}\
        """;
    String group = "/apis/admissionregistration.k8s.io/v1/";
    plane.made(group + "validatingadmissionpolicies", policy);
    plane.made(group + "validatingadmissionpolicybindings", binding);
    String secret = "{\"metadata\":{\"name\":\"n\",\"annotations\":{\"p\":\"%s\"}}}";
    String secrets = "/api/v1/namespaces/default/secrets";
    await()
        .untilAsserted(() -> {
          var answer = plane.post(secrets, secret.formatted("((a{100}){100}){100}"));
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
          assertThat(answer.body()).contains("invalid repeat count");
        });
    assertThat(plane.post(secrets, secret.formatted("^.{1,1000}$")).statusCode()).isEqualTo(201);
  }

  /// A schema nearly as deep as it may be: twice as deep in protobuf, and a few levels more in a
  /// list.
  @Test
  void whatIsAsDeepAsItMayBeIsReadInEveryForm() throws Exception {
    int depth = 95;
    String schema =
        "{\"type\":\"object\",\"properties\":{\"a\":".repeat(depth)
            + "{\"type\":\"string\"}"
            + "}}".repeat(depth);
    String definition =
        """
        {"metadata":{"name":"deeps.example.com"},"spec":{"group":"example.com","scope":"Cluster",
        "names":{"plural":"deeps","singular":"deep","kind":"Deep"},"versions":[{"name":"v1",
        "served":true,"storage":true,"schema":{"openAPIV3Schema":%s}}]}}\
        """
            .formatted(schema);
    String path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    var made = plane.post(path + "?fieldManager=x", definition);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    for (String form : List.of("application/json", "application/yaml", PROTOBUF)) {
      for (String target : List.of(path, path + "/deeps.example.com", path + "?pretty=1")) {
        assertThat(plane.send(plane.request(target).header("accept", form)).statusCode())
            .as(form + " of " + target)
            .isEqualTo(200);
      }
    }
  }

  /// The entry of a key in `managedFields` is as long as the key.
  @Test
  void longKeysAreReadInEveryForm() throws Exception {
    String key = "k".repeat(300_000);
    String body =
        """
        {"metadata":{"name":"long"},"handler":"h","scheduling":{"nodeSelector":{"%s":"v"}}}\
        """
            .formatted(key);
    String path = "/apis/node.k8s.io/v1/runtimeclasses";
    int made = plane.post(path + "?fieldManager=x", body).statusCode();
    assertThat(made).isIn(201, 422);
    for (String form : List.of("application/json", "application/yaml", PROTOBUF)) {
      assertThat(plane.send(plane.request(path).header("accept", form)).statusCode())
          .as(form)
          .isEqualTo(200);
    }
  }

  private static byte[] map(ObjectMeta.Builder meta) {
    return ProtoEnvelope.encode(
        ConfigMap.newBuilder().setMetadata(meta.setName("found").setNamespace("default")).build());
  }

  @ParameterizedTest
  @MethodSource
  void found(Found given) throws Exception {
    boolean watch = given.target().contains("watch=");
    HostileRequest request =
        new HostileRequest(
            given.method(),
            given.target(),
            List.of("accept: application/json", "content-type: " + given.type()),
            given.body(),
            Framing.LENGTH,
            watch);
    try (RawConnection connection = new RawConnection(target.connect())) {
      connection.send(request.bytes());
      Answer answer = connection.answer(watch);
      assertThat(answer.status()).as(answer.text()).isEqualTo(given.code());
      assertThat(answer.text()).contains(given.says());
    }
  }
}
