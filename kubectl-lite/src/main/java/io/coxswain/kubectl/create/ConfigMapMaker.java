package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import tools.jackson.databind.node.ObjectNode;

/// `create configmap`.
final class ConfigMapMaker implements Maker {

  @Override
  public String summary() {
    return "make a configmap of files and values";
  }

  @Override
  public String examples() {
    return "configmap app --from-literal=color=blue --from-file=app.conf";
  }

  @Override
  public Options declare(Options options) {
    return KeysAndFiles.declare(options)
        .toggle("append-hash", ' ', "end the name with a hash of the data");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    ObjectNode object = Makers.named("v1", "ConfigMap", name);
    KeysAndFiles.intoConfigMap(KeysAndFiles.of(session), object);
    if (session.options().isSet("append-hash")) {
      ContentHash.append(object);
    }
    return object;
  }
}
