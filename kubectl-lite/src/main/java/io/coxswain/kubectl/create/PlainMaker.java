package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import tools.jackson.databind.node.ObjectNode;

/// Objects that have a name and nothing more.
final class PlainMaker implements Maker {

  private final String word;
  private final String kind;

  private PlainMaker(String word, String kind) {
    this.word = word;
    this.kind = kind;
  }

  static PlainMaker namespace() {
    return new PlainMaker("namespace", "Namespace");
  }

  static PlainMaker serviceAccount() {
    return new PlainMaker("serviceaccount", "ServiceAccount");
  }

  @Override
  public String summary() {
    return "make a " + word;
  }

  @Override
  public String examples() {
    return word + " " + (word.equals("namespace") ? "team-a" : "robot");
  }

  @Override
  public Options declare(Options options) {
    return options;
  }

  @Override
  public ObjectNode make(Session session, String name) {
    return Makers.named("v1", kind, name);
  }
}
