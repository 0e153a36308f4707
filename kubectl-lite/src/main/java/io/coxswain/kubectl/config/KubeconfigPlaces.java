package io.coxswain.kubectl.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Which kubeconfig files are in force, in this order: the one named on the command line; those of
/// `KUBECONFIG`; `~/.kube/config`; this machine's Coxswain cluster.
///
/// @param all whether they exist or not
/// @param named whether the command line named it
/// @param own whether it is Coxswain's own, which its server writes
public record KubeconfigPlaces(List<Path> all, boolean named, boolean own) {

  public static KubeconfigPlaces of(String named, Map<String, String> environment) {
    if (!named.isEmpty()) {
      return new KubeconfigPlaces(List.of(Path.of(named)), true, false);
    }
    List<Path> listed = new ArrayList<>();
    for (String part : environment.getOrDefault("KUBECONFIG", "").split(":", -1)) {
      if (!part.isEmpty() && !listed.contains(Path.of(part))) {
        listed.add(Path.of(part));
      }
    }
    if (!listed.isEmpty()) {
      return new KubeconfigPlaces(List.copyOf(listed), false, false);
    }
    Path user = Path.of(environment.getOrDefault("HOME", "/root"), ".kube", "config");
    Path local =
        Path.of(
            environment.getOrDefault(
                "COXSWAIN_ADMIN_KUBECONFIG", "/var/lib/coxswain/pki/admin.kubeconfig"));
    boolean own = !Files.isReadable(user) && Files.isReadable(local);
    return new KubeconfigPlaces(List.of(own ? local : user), false, own);
  }

  /// Those that can be read.
  List<Path> readable() {
    return all.stream().filter(Files::isReadable).toList();
  }

  /// Where new entries go: the first that exists, or the last.
  Path forNew() {
    return all.stream().filter(Files::exists).findFirst().orElseGet(all::getLast);
  }
}
