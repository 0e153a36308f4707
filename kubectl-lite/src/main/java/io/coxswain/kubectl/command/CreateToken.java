package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `create token`: asks for a token of a service account.
final class CreateToken implements Command {

  @Override
  public String name() {
    return "create token";
  }

  @Override
  public String summary() {
    return "ask for a token of a service account";
  }

  @Override
  public String examples() {
    return "kubectl-lite create token robot --duration=1h";
  }

  @Override
  public Options declare(Options options) {
    return Printer.declare(options)
        .repeated("audience", ' ', "who shall accept it; the server's own when none is named")
        .value("duration", ' ', "0s", "how long it is valid, as 1h; 0 for the server's choice")
        .value("bound-object-kind", ' ', "", "Pod, Secret or Node that it ends with")
        .value("bound-object-name", ' ', "", "the name of that object")
        .value("bound-object-uid", ' ', "", "the uid of that object");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    if (options.words().size() != 1) {
      throw new Failure("error: exactly one NAME is required: that of a service account");
    }
    ObjectNode request =
        Json.object().put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    ObjectNode spec = request.putObject("spec");
    if (!options.list("audience").isEmpty()) {
      options.list("audience").forEach(spec.putArray("audiences")::add);
    }
    long seconds = Session.Durations.parse(options.text("duration"), "duration").toSeconds();
    if (seconds > 0) {
      spec.put("expirationSeconds", seconds);
    }
    bound(options, spec);
    Kind kind = session.discovery().kind("v1", "ServiceAccount");
    JsonNode answer =
        session
            .api()
            .post(kind.path(session.namespace(), options.words().getFirst()) + "/token", request);
    if (options.find("output").isPresent()) {
      session.out().print(Printer.of(options).print(answer, true));
      return 0;
    }
    String token = Json.text(answer, "status", "token");
    if (token.isEmpty()) {
      throw new Failure("error: failed to create token: no token in server response");
    }
    session.out().println(token);
    return 0;
  }

  private static void bound(Options options, ObjectNode spec) {
    String kind = options.text("bound-object-kind");
    String name = options.text("bound-object-name");
    if (kind.isEmpty() && name.isEmpty() && options.find("bound-object-uid").isEmpty()) {
      return;
    }
    if (!List.of("Pod", "Secret", "Node").contains(kind) || name.isEmpty()) {
      throw new Failure(
          "error: a bound object has a --bound-object-kind of Pod, Secret or Node, and a"
              + " --bound-object-name");
    }
    ObjectNode reference =
        spec.putObject("boundObjectRef")
            .put("apiVersion", "v1")
            .put("kind", kind)
            .put("name", name);
    options.find("bound-object-uid").ifPresent(uid -> reference.put("uid", uid));
  }
}
