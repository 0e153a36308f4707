package io.coxswain.kubectl.command;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.kustomize.Kustomize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// `kustomize`: shows what a kustomization makes.
final class KustomizeCommand implements Command {

  @Override
  public String name() {
    return "kustomize";
  }

  @Override
  public String summary() {
    return "show the objects that a kustomization makes";
  }

  @Override
  public String examples() {
    return "kubectl-lite kustomize overlays/production\n"
        + "kubectl-lite kustomize overlays/production -o app.yaml";
  }

  @Override
  public Options declare(Options options) {
    return options.value("output", 'o', "", "write to this file");
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    if (words.size() > 1) {
      throw new Failure("error: specify one path to kustomization.yaml");
    }
    Path folder = session.world().folder().resolve(words.isEmpty() ? "." : words.getFirst());
    StringBuilder text = new StringBuilder();
    for (ObjectNode object : Kustomize.build(folder, session.world().environment())) {
      text.append(text.isEmpty() ? "" : "---\n").append(YamlCodec.write(object));
    }
    String file = session.options().text("output");
    if (file.isEmpty()) {
      session.out().print(text);
      return 0;
    }
    try {
      Files.writeString(session.world().folder().resolve(file), text);
      return 0;
    } catch (IOException e) {
      throw new Failure("error: cannot write " + file + ": " + e.getMessage());
    }
  }
}
