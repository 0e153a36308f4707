package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import tools.jackson.databind.node.ObjectNode;

/// `create secret generic`.
final class SecretMaker implements Maker {

  @Override
  public String summary() {
    return "make a secret of files and values";
  }

  @Override
  public String examples() {
    return "secret generic login --from-literal=password=secret";
  }

  @Override
  public Options declare(Options options) {
    return KeysAndFiles.declare(options)
        .value("type", ' ', "", "the secret's type")
        .toggle("append-hash", ' ', "end the name with a hash of the data");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    ObjectNode object = Makers.named("v1", "Secret", name);
    session.options().find("type").ifPresent(type -> object.put("type", type));
    KeysAndFiles.intoSecret(KeysAndFiles.of(session), object);
    if (session.options().isSet("append-hash")) {
      ContentHash.append(object);
    }
    return object;
  }
}
