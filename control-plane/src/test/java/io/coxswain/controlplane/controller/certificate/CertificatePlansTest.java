package io.coxswain.controlplane.controller.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.certificates.v1.CertificateSigningRequestSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.pki.Asked;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CertificatePlansTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
  private static final String NODE = "O=system:nodes,CN=system:node:a";
  private static final List<String> CLIENT = List.of("digital signature", "client auth");
  private static final List<String> SERVING =
      List.of("digital signature", "key encipherment", "server auth");

  private static final GeneralName DNS = new GeneralName(GeneralName.dNSName, "a");
  private static final GeneralName ADDRESS = new GeneralName(GeneralName.iPAddress, "10.0.0.7");
  private static final GeneralName EMAIL = new GeneralName(GeneralName.rfc822Name, "a@b.c");
  private static final GeneralName URI =
      new GeneralName(GeneralName.uniformResourceIdentifier, "https://a");

  private static CertificateSigningRequest request(
      String signer, String author, List<String> usages, String subject, GeneralName... names)
      throws Exception {
    return CertificateSigningRequest.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setName("r").setCreationTimestamp(Times.time(NOW)))
        .setSpec(
            CertificateSigningRequestSpec.newBuilder()
                .setSignerName("kubernetes.io/" + signer)
                .setUsername(author)
                .addAllUsages(usages)
                .setRequest(ByteString.copyFrom(Asked.elliptic(subject, names).bytes())))
        .build();
  }

  private static CertificateSigningRequest is(CertificateSigningRequest request, String type) {
    return Requests.with(request, type, "Test", "", NOW);
  }

  record Case(
      String about,
      String signer,
      List<String> usages,
      String subject,
      List<GeneralName> names,
      String problem) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Case> cases() {
    String client = "kube-apiserver-client";
    String node = "kube-apiserver-client-kubelet";
    String serving = "kubelet-serving";
    return Stream.of(
        new Case("a person", client, CLIENT, "CN=jane", List.of(), ""),
        new Case("any names", client, CLIENT, "CN=jane", List.of(DNS, EMAIL), ""),
        new Case(
            "a server",
            client,
            SERVING,
            "CN=jane",
            List.of(),
            "invalid usage for client certificate: server auth"),
        new Case(
            "no client",
            client,
            List.of("digital signature"),
            "CN=jane",
            List.of(),
            "missing required usage for client certificate: client auth"),
        new Case("a node", node, CLIENT, NODE, List.of(), ""),
        new Case(
            "of no node",
            node,
            CLIENT,
            "CN=system:node:a",
            List.of(),
            "subject organization is not system:nodes"),
        new Case(
            "of more than a node",
            node,
            CLIENT,
            NODE + ",O=system:masters",
            List.of(),
            "subject organization is not system:nodes"),
        new Case(
            "not named so",
            node,
            CLIENT,
            "O=system:nodes,CN=a",
            List.of(),
            "subject common name does not begin with system:node:"),
        new Case(
            "with a host's name",
            node,
            CLIENT,
            NODE,
            List.of(DNS),
            "DNS subjectAltNames are not allowed"),
        new Case(
            "with an address",
            node,
            CLIENT,
            NODE,
            List.of(ADDRESS),
            "IP subjectAltNames are not allowed"),
        new Case(
            "with mail",
            node,
            CLIENT,
            NODE,
            List.of(EMAIL),
            "Email subjectAltNames are not allowed"),
        new Case(
            "with a URI", node, CLIENT, NODE, List.of(URI), "URI subjectAltNames are not allowed"),
        new Case(
            "for more",
            node,
            List.of("digital signature", "client auth", "server auth"),
            NODE,
            List.of(),
            "usages did not match [client auth digital signature key encipherment]"),
        new Case("a node's server", serving, SERVING, NODE, List.of(DNS, ADDRESS), ""),
        new Case(
            "a nameless server",
            serving,
            SERVING,
            NODE,
            List.of(),
            "DNS or IP subjectAltName is required"),
        new Case(
            "a server and client",
            serving,
            CLIENT,
            NODE,
            List.of(DNS),
            "usages did not match [server auth digital signature key encipherment]"),
        new Case("what was", "legacy-unknown", SERVING, "CN=anything", List.of(URI), ""));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void signersSignWhatIsTheirs(Case one) throws Exception {
    CertificateSigningRequest request =
        request(
            one.signer(),
            "x",
            one.usages(),
            one.subject(),
            one.names().toArray(GeneralName[]::new));

    SigningPlan.Step step = SigningPlan.of(is(request, Requests.APPROVED));

    if (one.problem().isEmpty()) {
      assertThat(step).isInstanceOf(SigningPlan.Sign.class);
    } else {
      assertThat(step).isEqualTo(new SigningPlan.Fail(one.problem()));
    }
    assertThat(SigningPlan.of(request)).isInstanceOf(SigningPlan.Nothing.class);
  }

  @Test
  void whatIsDecidedOtherwiseIsNotSigned() throws Exception {
    CertificateSigningRequest approved =
        is(request("kube-apiserver-client", "x", CLIENT, "CN=jane"), Requests.APPROVED);
    CertificateSigningRequest.Builder issued = approved.toBuilder();
    issued.getStatusBuilder().setCertificate(ByteString.copyFromUtf8("x"));
    CertificateSigningRequest.Builder foreign = approved.toBuilder();
    foreign.getSpecBuilder().setSignerName("example.com/own");

    assertThat(
            Stream.of(
                is(approved, Requests.DENIED),
                is(approved, Requests.FAILED),
                issued.build(),
                foreign.build()))
        .allSatisfy(
            request -> assertThat(SigningPlan.of(request)).isInstanceOf(SigningPlan.Nothing.class));
  }

  @Test
  void validityHasBounds() throws Exception {
    CertificateSigningRequest approved =
        is(request("kube-apiserver-client", "x", CLIENT, "CN=jane"), Requests.APPROVED);

    assertThat(validity(approved, 0)).isEqualTo(Duration.ofMinutes(10));
    assertThat(validity(approved, 3600)).isEqualTo(Duration.ofHours(1));
    assertThat(validity(approved, Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(365));
    assertThat(((SigningPlan.Sign) SigningPlan.of(approved)).validity())
        .isEqualTo(Duration.ofDays(365));
  }

  private static Duration validity(CertificateSigningRequest request, int seconds) {
    CertificateSigningRequest.Builder asked = request.toBuilder();
    asked.getSpecBuilder().setExpirationSeconds(seconds);
    return ((SigningPlan.Sign) SigningPlan.of(asked.build())).validity();
  }

  @Test
  void onlyRequestsOfNodesApproveThemselves() throws Exception {
    String signer = "kube-apiserver-client-kubelet";

    assertThat(Recognition.of(request(signer, "system:node:a", CLIENT, NODE)))
        .extracting(Recognition::subresource)
        .containsExactly("selfnodeclient", "nodeclient");
    assertThat(Recognition.of(request(signer, "system:bootstrap:x", CLIENT, NODE)))
        .extracting(Recognition::subresource)
        .containsExactly("nodeclient");
    assertThat(Recognition.of(request(signer, "jane", CLIENT, "CN=jane"))).isEmpty();
    assertThat(Recognition.of(request("kubelet-serving", "system:node:a", SERVING, NODE, DNS)))
        .isEmpty();
    assertThat(Recognition.of(is(request(signer, "system:node:a", CLIENT, NODE), Requests.DENIED)))
        .isEmpty();
  }

  @Test
  void decidedRequestsGoSoonerThanThoseThatWait() throws Exception {
    CertificateSigningRequest made = request("kube-apiserver-client", "x", CLIENT, "CN=jane");
    CertificateSigningRequest.Builder issued = is(made, Requests.APPROVED).toBuilder();
    issued.getStatusBuilder().setCertificate(ByteString.copyFromUtf8("not a certificate"));
    Instant hour = NOW.plus(Duration.ofHours(1));
    Instant day = NOW.plus(Duration.ofHours(24));

    assertThat(Retention.end(made)).contains(day);
    assertThat(Retention.end(is(made, Requests.APPROVED))).contains(day);
    assertThat(Retention.end(issued.build())).contains(hour);
    assertThat(Retention.end(is(made, Requests.DENIED))).contains(hour);
    assertThat(Retention.end(is(is(made, Requests.APPROVED), Requests.FAILED))).contains(hour);
    assertThat(Retention.end(is(made, "Seen"))).isEqualTo(Optional.empty());
  }
}
