package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the parts of `set` have in common.
abstract class SetCommand implements Command {

  /// All of them.
  static Group all() {
    return new Group("set", "set single things of objects")
        .with("env", SetEnvironment::new)
        .with("image", SetImage::new)
        .with("resources", SetResources::new)
        .with("selector", SetSelector::new)
        .with("serviceaccount", SetServiceAccount::new)
        .with("subject", SetSubject::new);
  }

  @Override
  public Options declare(Options options) {
    return Changes.declare(Targets.declare(options), "kubectl-set")
        .toggle("local", ' ', "change and print the objects of the files, without the server");
  }

  /// The words that come before the first one with `=` in it.
  static List<String> objects(Session session) {
    List<String> words = new ArrayList<>();
    for (String word : session.options().words()) {
      if (word.contains("=")) {
        break;
      }
      words.add(word);
    }
    return words;
  }

  /// The words with `=` in them.
  ///
  /// @throws Failure when an object's name comes after one
  static Map<String, String> pairs(Session session, String what) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String word : session.options().words()) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        pairs.put(word.substring(0, equals), word.substring(equals + 1));
      } else if (!pairs.isEmpty()) {
        throw new Failure(
            "error: all resources must be specified before " + what + " changes: " + word);
      }
    }
    return pairs;
  }
}
