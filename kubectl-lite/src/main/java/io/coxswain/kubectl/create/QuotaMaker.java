package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import tools.jackson.databind.node.ObjectNode;

/// `create quota`.
final class QuotaMaker implements Maker {

  @Override
  public String summary() {
    return "make a quota of a namespace";
  }

  @Override
  public String examples() {
    return "quota team --hard=cpu=4,memory=8Gi,pods=20 --scopes=NotTerminating";
  }

  @Override
  public Options declare(Options options) {
    return options
        .repeated("hard", ' ', "what there may be at most, as cpu=4,pods=20")
        .repeated("scopes", ' ', "what is counted, as BestEffort");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    ObjectNode object = Makers.named("v1", "ResourceQuota", name);
    ObjectNode spec = object.putObject("spec");
    for (String pair : options.list("hard")) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw new Failure(
            "error: invalid argument syntax " + pair + ", expected <resource>=<value>");
      }
      spec.withObjectProperty("hard").put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    if (!options.list("scopes").isEmpty()) {
      options.list("scopes").forEach(spec.putArray("scopes")::add);
    }
    return object;
  }
}
