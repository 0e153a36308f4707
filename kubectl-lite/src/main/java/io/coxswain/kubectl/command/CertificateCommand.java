package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `certificate approve` and `deny`: decides on certificate signing requests.
final class CertificateCommand {

  private static final int MOST_CONFLICTS = 10;

  /// @param type the condition that it sets
  /// @param opposite the condition that rules it out
  private record Decision(String word, String done, String type, String opposite) {}

  private static final Decision APPROVE = new Decision("approve", "approved", "Approved", "Denied");
  private static final Decision DENY = new Decision("deny", "denied", "Denied", "Approved");

  private CertificateCommand() {}

  static Command all() {
    return new Group("certificate", "approve or deny certificate signing requests")
        .with("approve", () -> command(APPROVE))
        .with("deny", () -> command(DENY));
  }

  private static Command command(Decision decision) {
    return new PlainCommand(
        "certificate " + decision.word(),
        decision.word() + " a certificate signing request",
        "kubectl-lite certificate " + decision.word() + " csr-sqgzp",
        CertificateCommand::declare,
        session -> run(session, decision));
  }

  private static Options declare(Options options) {
    return Manifests.declare(Printer.declare(options))
        .toggle("force", ' ', "send it although it was decided so before");
  }

  private static int run(Session session, Decision decision) {
    List<String> names = new ArrayList<>(session.options().words());
    if (!session.options().all("filename").isEmpty()
        || !session.options().all("kustomize").isEmpty()) {
      for (Manifest manifest : Manifests.read(session)) {
        if (!manifest.kind().equals("CertificateSigningRequest")) {
          throw new Failure(
              "error: can only handle CertificateSigningRequest.certificates.k8s.io objects, got "
                  + manifest.kind());
        }
        names.add(manifest.name());
      }
    }
    if (names.isEmpty()) {
      throw new Failure("error: one or more CSRs must be specified as <name> or -f <filename>");
    }
    Kind kind = session.discovery().kind("certificates.k8s.io/v1", "CertificateSigningRequest");
    for (String name : names) {
      String plain = name.substring(name.indexOf('/') + 1);
      JsonNode result = decide(session, kind.path("", plain), decision);
      if (session.options().find("output").isPresent()) {
        session.out().print(Printer.of(session.options()).print(result, true));
      } else {
        session.out().println(Printer.reference(kind, plain) + " " + decision.done());
      }
    }
    return 0;
  }

  private static JsonNode decide(Session session, String path, Decision decision) {
    for (int attempt = 1; ; attempt++) {
      ObjectNode request = (ObjectNode) session.api().get(path);
      boolean before = false;
      for (JsonNode condition : Json.at(request, "status", "conditions")) {
        if (Json.text(condition, "type").equals(decision.opposite())) {
          throw new Failure(
              "error: certificate signing request \""
                  + Json.name(request)
                  + "\" is already "
                  + decision.opposite());
        }
        before |= Json.text(condition, "type").equals(decision.type());
      }
      if (before && !session.options().isSet("force")) {
        return request;
      }
      if (!before) {
        add(session, request, decision);
      }
      try {
        return session.api().put(path + "/approval", request);
      } catch (Api.Refusal e) {
        if (!e.isConflict() || attempt == MOST_CONFLICTS) {
          throw e;
        }
      }
    }
  }

  private static void add(Session session, ObjectNode request, Decision decision) {
    boolean approve = decision.type().equals("Approved");
    request
        .withObjectProperty("status")
        .withArrayProperty("conditions")
        .addObject()
        .put("type", decision.type())
        .put("status", "True")
        .put("reason", approve ? "KubectlApprove" : "KubectlDeny")
        .put(
            "message",
            "This CSR was " + decision.done() + " by kubectl certificate " + decision.word() + ".")
        .put(
            "lastUpdateTime",
            session.world().clock().instant().truncatedTo(ChronoUnit.SECONDS).toString());
  }
}
